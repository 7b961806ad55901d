/// Fills a buffer with the next bytes of a file and says how many; zero at its end, below zero when it cannot be read.
package typealias ByteSource = (UnsafeMutableRawBufferPointer) -> Int

/// Cuts a stream of bytes into lines within one buffer of fixed size, whatever the length of the stream.
struct LineReader {
    /// Far above any row of the archive.
    static let longest = 512

    private let source: ByteSource
    private(set) var buffer: [UInt8]
    private var start = 0
    private var end = 0
    private var isAtEnd = false
    /// The line last given, counted from 1.
    private(set) var line = 0
    private(set) var size: Int64 = 0
    /// FNV-1a over all bytes so far.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325

    init(bufferSize: Int, source: @escaping ByteSource) {
        self.source = source
        // One line and its end have to fit.
        buffer = Array(repeating: 0, count: max(bufferSize, LineReader.longest + 3))
    }

    /// Where in the buffer the next line stands, without its end; valid until the next call.
    mutating func next() throws(PriceRefusal.Reason) -> Range<Int>? {
        var scanned = start
        while true {
            if let stop = try lineEnd(from: scanned) {
                let found = start..<stop
                start = stop + 1
                return try checked(found)
            }
            scanned = end
            if isAtEnd {
                guard start < end else { return nil }
                let found = start..<end
                start = end
                return try checked(found)
            }
            guard end - start <= LineReader.longest + 1 else {
                line += 1
                throw .longLine(most: LineReader.longest)
            }
            scanned -= start
            try refill()
        }
    }

    private mutating func lineEnd(from scanned: Int) throws(PriceRefusal.Reason) -> Int? {
        var index = scanned
        while index < end {
            let byte = buffer[index]
            if byte == UInt8(ascii: "\n") { return index }
            if byte == 0 {
                line += 1
                throw .nul
            }
            index += 1
        }
        return nil
    }

    private mutating func checked(_ found: Range<Int>) throws(PriceRefusal.Reason) -> Range<Int> {
        line += 1
        var range = found
        if let last = range.last, buffer[last] == UInt8(ascii: "\r") { range = range.lowerBound..<last }
        if line == 1, buffer[range].starts(with: [0xEF, 0xBB, 0xBF]) {
            range = (range.lowerBound + 3)..<range.upperBound
        }
        guard range.count <= LineReader.longest else { throw .longLine(most: LineReader.longest) }
        return range
    }

    private mutating func refill() throws(PriceRefusal.Reason) {
        let kept = end - start
        if start > 0 {
            for offset in 0..<kept { buffer[offset] = buffer[start + offset] }
            start = 0
            end = kept
        }
        let room = buffer.count - end
        let got = buffer.withUnsafeMutableBytes { bytes in
            source(UnsafeMutableRawBufferPointer(rebasing: bytes[kept...]))
        }
        guard got >= 0, got <= room else { throw .unreadable }
        isAtEnd = got == 0
        for index in end..<(end + got) { digest = (digest ^ UInt64(buffer[index])) &* 0x0000_0100_0000_01B3 }
        end += got
        size += Int64(got)
    }
}
