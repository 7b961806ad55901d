/// Size in the base asset; signed where it is a position (long above zero, short below), else not negative.
///
/// Units: 1e-8 of the base asset.
package struct Quantity: FixedPoint {
    package let units: Int64

    package init(units: Int64) { self.units = units }
}
