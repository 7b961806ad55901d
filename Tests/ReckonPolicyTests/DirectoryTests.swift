import Foundation
import ReckonPolicy
import Testing

@Suite("policy directories")
struct DirectoryTests {
    private let main = "local m = require(\"m\")\n"

    private func code(_ files: [String: String]) -> String {
        do throws(PolicyProblem) {
            _ = try PolicyDirectory { name throws(PolicyProblem) in files[name].map { Array($0.utf8) } }
            return "loads"
        } catch {
            return error.code
        }
    }

    @Test("modules come from the policy's folder and from lib")
    func modules() throws {
        let directory = try Sample.directory([
            "policy.lua": "local a = require(\"a\") local b = require 'b' local c = require [[c]]",
            "a.lua": "return require(\"b\")", "lib/b.lua": "return {}", "lib/c.lua": "return 1", "d.lua": "",
        ])
        #expect(directory.files.map(\.name) == ["policy.lua", "a.lua", "lib/b.lua", "lib/c.lua"])
    }

    @Test("cycles, shadowing and odd names are refused")
    func refused() {
        #expect(code(["policy.lua": main, "m.lua": main]) == "module_cycle")
        #expect(code(["policy.lua": main, "m.lua": "require 'n'", "lib/n.lua": main]) == "module_cycle")
        #expect(code(["policy.lua": main, "m.lua": "", "lib/m.lua": ""]) == "module_shadowed")
        #expect(code(["policy.lua": main]) == "module_missing")
        #expect(code(["policy.lua": "require 'policy'"]) == "module_name")
        #expect(code(["policy.lua": "require 'cases'", "cases.lua": ""]) == "module_name")
        #expect(code(["policy.lua": "require 'lib/m'", "lib/m.lua": ""]) == "module_name")
        #expect(code(["policy.lua": "require '../m'"]) == "module_name")
        #expect(code(["policy.lua": "require ''"]) == "module_name")
        #expect(code(["policy.lua": "require 'm\\0'", "m.lua": ""]) == "require_not_literal")
        #expect(code(["policy.lua": "require('m' .. 'n')", "m.lua": ""]) == "require_not_literal")
        #expect(code(["policy.lua": "-- require(x)\nlocal s = 'require(x)'"]) == "loads")
        #expect(code(["m.lua": ""]) == "no_policy")
        var many = ["policy.lua": (0..<40).map { "require 'm\($0)'" }.joined(separator: "\n")]
        for index in 0..<40 { many["m\(index).lua"] = "return 1" }
        #expect(code(many) == "too_many_files")
        #expect(code(["policy.lua": String(repeating: "-", count: 65_537)]) == "file_too_large")
    }

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "reckon-\(UUID().uuidString)"
        )
        let policy = folder.appendingPathComponent("mine")
        try FileManager.default.createDirectory(at: policy, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(policy)
    }

    private func diskCode(_ policy: URL) -> String {
        do throws(PolicyProblem) {
            _ = try PolicyDirectory(reading: policy.path)
            return "loads"
        } catch {
            return error.code
        }
    }

    @Test("only regular files of bounded size are read")
    func regularFiles() throws {
        try withFolder { policy in
            let main = policy.appendingPathComponent("policy.lua")
            #expect(diskCode(policy.appendingPathComponent("absent")) == "no_directory")
            #expect(diskCode(policy) == "no_policy")
            try Data("return {}".utf8).write(to: main)
            #expect(diskCode(policy) == "loads")
            #expect(diskCode(main) == "no_directory")
            try Data(repeating: 45, count: 65_537).write(to: main)
            #expect(diskCode(policy) == "file_too_large")
            try FileManager.default.removeItem(at: main)
            let target = policy.appendingPathComponent("elsewhere.lua")
            try Data("return {}".utf8).write(to: target)
            try FileManager.default.createSymbolicLink(at: main, withDestinationURL: target)
            #expect(diskCode(policy) == "file_unreadable")
            try FileManager.default.removeItem(at: main)
            #expect(mkfifo(main.path, 0o600) == 0)
            #expect(diskCode(policy) == "file_not_regular", "and does not wait for a writer")
            try FileManager.default.removeItem(at: main)
            try FileManager.default.createDirectory(at: main, withIntermediateDirectories: true)
            #expect(diskCode(policy) == "file_not_regular")
        }
    }

    @Test("lib lies beside the policy's folder")
    func library() throws {
        try withFolder { policy in
            let lib = policy.deletingLastPathComponent().appendingPathComponent("lib")
            try FileManager.default.createDirectory(at: lib, withIntermediateDirectories: true)
            try Data("return require('ramp')".utf8).write(to: policy.appendingPathComponent("policy.lua"))
            try Data("return {}".utf8).write(to: lib.appendingPathComponent("ramp.lua"))
            let directory = try PolicyDirectory(reading: policy.path + "/")
            #expect(directory.files.map(\.name) == ["policy.lua", "lib/ramp.lua"])
        }
    }
}
