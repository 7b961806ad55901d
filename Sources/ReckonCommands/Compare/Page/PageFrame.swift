import ArgumentParser
import Foundation

/// What every page of ours has around its parts: nothing is fetched, light and dark, narrow and wide.
enum PageFrame {
    static func html(_ title: String, _ parts: [String]) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Drawing.escaped(title))</title>
        <style>\(PageStyle.text)</style></head>
        <body>
        \(parts.joined(separator: "\n"))
        </body></html>

        """
    }

    /// A table that scrolls by itself where it is wider than the page; cells are markup already.
    static func table(_ heads: [String], _ body: [String]) -> String {
        "<div class=\"wide\"><table><thead><tr>" + heads.map { "<th>\($0)</th>" }.joined()
            + "</tr></thead><tbody>\(body.joined(separator: "\n"))</tbody></table></div>"
    }

    /// Writes a page whole or not at all; a path that cannot be written is a wrong use.
    static func write(_ html: String, to path: String) throws {
        do {
            try Data(html.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw ValidationError("\(path): cannot be written")
        }
    }
}
