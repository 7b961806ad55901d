import ArgumentParser
import Foundation

/// Every pair of values as lines of a table, for other programs.
struct ComparisonTable {
    let comparison: Comparison

    func write(to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ValidationError("\(path): cannot be written")
        }
    }

    var text: String {
        var lines = ["scenario,challenger,figure,seed,a,b,gain"]
        for row in comparison.rows where row.sample.scenario != PairedSample.pooled {
            let sample = row.sample
            for index in sample.seeds.indices {
                lines.append(
                    "\(sample.scenario),\(sample.challenger),\(sample.figure.name),\(sample.seeds[index]),"
                        + "\(sample.a[index]),\(sample.b[index]),\(sample.gains[index])"
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
