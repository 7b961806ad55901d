# Two hours of one-minute candles: a seeded walk in whole cents, in the columns of the public archive.
function dice(sides) { seed = (seed * 16807) % 2147483647; return seed % sides }
BEGIN {
    seed = 20; last = 6000000; time = 1700000000000
    printf "open_time,open,high,low,close,volume,close_time,"
    print "quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
    for (row = 0; row < 120; row++) {
        first = last
        last = first + dice(9001) - 4500
        high = (first > last ? first : last) + dice(2501)
        low = (first < last ? first : last) - dice(2501)
        size = 10 + dice(90)
        whole = int(first / 100)
        printf "%.0f,%.2f,%.2f,%.2f,%.2f,", time, first / 100, high / 100, low / 100, last / 100
        printf "%d,%.0f,%d,%d,%d,%d,0\n", size, time + 59999, size * whole, 100 + dice(900), int(size / 2), int(size / 2) * whole
        time += 60000
    }
}
