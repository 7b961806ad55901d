/// Quote currency for one unit of the base asset.
///
/// Units: 1e-8 USDT. Range: 0…92,233,720,368.
package struct Price: FixedPoint {
    package let units: Int64

    package init(units: Int64) { self.units = units }
}
