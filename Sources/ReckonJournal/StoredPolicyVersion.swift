import Foundation
import GRDB

/// A version of a policy, byte for byte, so that it can be put to work again whatever became of its folder.
package struct StoredPolicyVersion: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        /// As the policy names it, such as `policy.lua` or `lib/ramp.lua`.
        package let name: String
        package let bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    package let digest: String
    package let name: String
    package let version: String
    /// Of its manifest; absent where it has none.
    package let revision: Int?
    /// All that was read: what can be loaded, and its cases, manifest and signature.
    package let files: [File]

    package init(digest: String, name: String, version: String, revision: Int?, files: [File]) {
        self.digest = digest
        self.name = name
        self.version = version
        self.revision = revision
        self.files = files
    }

    /// Versions on their way to disk, and how many the disk is to keep.
    package struct Batch: Sendable, Hashable {
        package let versions: [StoredPolicyVersion]
        package let keep: Int

        package init(versions: [StoredPolicyVersion], keep: Int) {
            self.versions = versions
            self.keep = keep
        }

        package static let none = Batch(versions: [], keep: 0)
    }
}

extension StoredPolicyVersion {
    /// Made where they are missing: a journal of a build that kept no versions goes on as it is.
    static let tables = """
        CREATE TABLE IF NOT EXISTS policy_versions (
            digest TEXT PRIMARY KEY NOT NULL,
            at_fact INTEGER NOT NULL,
            place INTEGER NOT NULL,
            name TEXT NOT NULL,
            version TEXT NOT NULL,
            revision INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS policy_files (
            digest TEXT NOT NULL,
            name TEXT NOT NULL,
            bytes BLOB NOT NULL,
            PRIMARY KEY (digest, name)
        ) STRICT, WITHOUT ROWID;
        """

    fileprivate func store(in database: Database, at fact: Int64, place: Int) throws {
        try database.cachedStatement(
            sql: """
                INSERT OR REPLACE INTO policy_versions (digest, at_fact, place, name, version, revision)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [digest, fact, place, name, version, revision])
        try database.cachedStatement(sql: "DELETE FROM policy_files WHERE digest = ?")
            .execute(arguments: [digest])
        let statement = try database.cachedStatement(
            sql: "INSERT INTO policy_files (digest, name, bytes) VALUES (?, ?, ?)"
        )
        for file in files { try statement.execute(arguments: [digest, file.name, Data(file.bytes)]) }
    }
}

extension StoredPolicyVersion.Batch {
    func store(in database: Database, at fact: Int64) throws {
        guard !versions.isEmpty else { return }
        for (place, version) in versions.enumerated() {
            try version.store(in: database, at: fact, place: place)
        }
        let kept = "SELECT digest FROM policy_versions ORDER BY at_fact DESC, place DESC LIMIT ?"
        try database.cachedStatement(sql: "DELETE FROM policy_versions WHERE digest NOT IN (\(kept))")
            .execute(arguments: [max(keep, 1)])
        try database.execute(
            sql: "DELETE FROM policy_files WHERE digest NOT IN (SELECT digest FROM policy_versions)"
        )
    }
}

extension JournalReader {
    /// The kept versions of policies, the one that was put to work last first.
    package func policyVersions() throws(JournalFailure) -> [StoredPolicyVersion] {
        try reading { database in
            guard try database.tableExists("policy_versions") else { return [] }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT digest, name, version, revision FROM policy_versions
                    ORDER BY at_fact DESC, place DESC
                    """
            )
            return try rows.map { row in
                let digest = String.fromDatabaseValue(row[0]) ?? ""
                return StoredPolicyVersion(
                    digest: digest,
                    name: String.fromDatabaseValue(row[1]) ?? "",
                    version: String.fromDatabaseValue(row[2]) ?? "",
                    revision: Int.fromDatabaseValue(row[3]),
                    files: try JournalReader.files(of: digest, in: database)
                )
            }
        }
    }

    private static func files(of digest: String, in database: Database) throws -> [StoredPolicyVersion.File] {
        let sql = "SELECT name, bytes FROM policy_files WHERE digest = ? ORDER BY name"
        return try Row.fetchAll(database, sql: sql, arguments: [digest]).map { row in
            StoredPolicyVersion.File(
                name: String.fromDatabaseValue(row[0]) ?? "",
                bytes: Array(Data.fromDatabaseValue(row[1]) ?? Data())
            )
        }
    }
}
