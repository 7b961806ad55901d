import Foundation
import Testing

@Suite("The page of a comparison", .serialized)
struct ComparisonPageTests {
    private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Made once for all tests.
    private static let page = Result {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/report.html"
        let ending = try CommandRun.ended(
            "compare",
            "--policy",
            "policies/baseline",
            "--policy",
            "policies/steady",
            "--scenario",
            "lost-acks",
            "--seeds",
            "2",
            "--hours",
            "0.02",
            "--html",
            path
        )
        #expect(ending.code == 0, "\(ending.errors)")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    @Test("it says the verdict, shows each kind of plot, names seeds to replay, and fetches nothing")
    func content() throws {
        let html = try ComparisonPageTests.page.get()
        #expect(html.contains("b (steady) against a (baseline): UNDECIDED"))
        let kinds = ["interval": 12, "spread": 6, "story": 4, "pareto": 1, "surface": 2]
        for (kind, count) in kinds {
            #expect(html.components(separatedBy: "class=\"plot \(kind)\"").count - 1 == count, "\(kind)")
        }
        #expect(
            html.contains("reckon simulate --policy policies/steady --scenario lost-acks --hours 0.02 --seed")
        )
        for word in ["http:", "https:", "<script", "src=", "@import", "url("] {
            #expect(!html.contains(word), "\(word)")
        }
        #expect(html.contains("prefers-color-scheme: dark"))
    }

    @Test(
        "a real browser draws every plot, on a desk and on a phone, light and dark",
        .enabled(if: browser != nil, "there is no Chromium here"),
        arguments: [(1_200, "light"), (390, "dark")]
    )
    func drawn(width: Int, scheme: String) throws {
        let folder = try ScratchFolder()
        let probe = """
            <script>addEventListener("load", () => {
              const plots = [...document.querySelectorAll("svg.plot")].map(p => p.getBoundingClientRect());
              const small = plots.filter(p => p.width < 100 || p.height < 10).length;
              const paper = getComputedStyle(document.body).backgroundColor;
              const wide = document.documentElement.scrollWidth > innerWidth;
              document.body.innerHTML = `found ${plots.length} small ${small} wide ${wide} paper ${paper};`;
            })</script></body>
            """
        let html = try ComparisonPageTests.page.get()
        let plain = try folder.write(html, to: "report.html")
        let probed = try folder.write(html.replacingOccurrences(of: "</body>", with: probe), to: "probe.html")
        let seen = try browse(["--dump-dom", "file://\(probed)"], width, scheme, folder.path)
        let paper = scheme == "dark" ? "rgb(15, 20, 26)" : "rgb(255, 255, 255)"
        #expect(seen.contains("found 25 small 0 wide false paper \(paper);"), "\(seen.suffix(400))")

        let picture = "\(folder.path)/page.png"
        _ = try browse(
            ["--screenshot=\(picture)", "file://\(plain)"],
            width,
            scheme,
            folder.path
        )
        let bytes = try #require(FileManager.default.contents(atPath: picture))
        #expect(bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]))
        #expect(bytes.count > 40_000, "an empty page compresses to a few kilobytes: \(bytes.count)")
    }

    private func browse(_ words: [String], _ width: Int, _ scheme: String, _ folder: String) throws -> String
    {
        let process = Process()
        let output = Pipe()
        // A browser that hangs is a failure, not a wait.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments =
            [
                "--kill-after=5", "120", try #require(ComparisonPageTests.browser),
                "--headless", "--disable-dev-shm-usage", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                "--user-data-dir=\(folder)/browser-\(UUID().uuidString)", "--window-size=\(width),3000",
                "--blink-settings=preferredColorScheme=\(scheme == "dark" ? 0 : 1)",
            ] + words
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: said, as: UTF8.self)
    }
}
