import Glibc
import StoaBase
import StoaDisk
import Testing

@Suite struct KernelDiskTests {
    /// A fresh directory for one test.
    static func makeDisk() throws -> KernelDisk {
        var template = Array("/tmp/stoa-disk-XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&template).map { String(cString: $0) })
        return try KernelDisk(root: path)
    }

    /// Removes the directory of one test.
    static func clean(_ disk: KernelDisk) {
        for name in (try? disk.list("")) ?? [] {
            for inner in (try? disk.list(name)) ?? [] { try? disk.remove("\(name)/\(inner)") }
            if (try? disk.remove(name)) == nil { rmdir(disk.root + "/" + name) }
        }
        rmdir(disk.root)
    }

    static func contents(_ disk: KernelDisk, _ path: String) throws -> [UInt8] {
        try disk.readAll(path, byteCountLimit: 1 << 20)
    }

    static func write(_ disk: KernelDisk, _ path: String, _ bytes: [UInt8]) throws {
        let file = try disk.open(path, .createNew)
        defer { disk.close(file) }
        try disk.write(file, at: 0, array: bytes)
        try disk.syncData(file)
    }

    @Test("what is written is read, mapped, renamed, linked and removed")
    func files() throws {
        let disk = try Self.makeDisk()
        defer { Self.clean(disk) }
        try disk.makeDirectory("seg")
        try disk.makeDirectory("seg")
        try Self.write(disk, "seg/a", [1, 2, 3])
        try disk.syncDirectory("seg")
        try disk.syncDirectory("")
        #expect(try Self.contents(disk, "seg/a") == [1, 2, 3])
        try disk.link("seg/a", to: "seg/b")
        try disk.rename("seg/a", to: "seg/c")
        #expect(try disk.list("seg") == ["b", "c"])
        #expect(try disk.list("") == ["seg"])
        let file = try disk.open("seg/c", .readWrite)
        let mapped = try disk.map(file, byteCount: 3)
        disk.close(file)
        try disk.remove("seg/b")
        try disk.remove("seg/c")
        #expect(mapped.array == [1, 2, 3], "a mapping outlives the file's names")
        #expect(try disk.status("seg/c") == nil)
        #expect(try disk.status("seg")?.isDirectory == true)
        #expect(try disk.freeByteCount() > 0)
    }

    @Test("allocate keeps what is in the file and grows it; truncate cuts it")
    func sizes() throws {
        let disk = try Self.makeDisk()
        defer { Self.clean(disk) }
        try Self.write(disk, "log", [7])
        let file = try disk.open("log", .readWrite)
        try disk.allocate(file, byteCount: 10_000)
        #expect(try disk.status("log")?.byteCount == 10_000)
        #expect(try Self.contents(disk, "log").prefix(2) == [7, 0])
        try disk.truncate(file, to: 1)
        #expect(try Self.contents(disk, "log") == [7])
        #expect(throws: DiskError(.map, path: "log", errno: EINVAL)) {
            _ = try disk.map(file, byteCount: 2)
        }
        disk.close(file)
    }

    @Test("a second holder of the lock is told no, and gets it when the first lets go")
    func lock() throws {
        let disk = try Self.makeDisk()
        defer { Self.clean(disk) }
        try Self.write(disk, "LOCK", [])
        let first = try disk.open("LOCK", .readWrite)
        let second = try disk.open("LOCK", .readWrite)
        #expect(try disk.lock(first))
        #expect(try !disk.lock(second))
        disk.close(try disk.open("LOCK", .read))
        #expect(try !disk.lock(second), "closing another descriptor does not free the lock")
        disk.close(first)
        #expect(try disk.lock(second))
        disk.close(second)
    }

    @Test("no path leads out of the directory, nor through a symbolic link at its end")
    func escapes() throws {
        let disk = try Self.makeDisk()
        defer { Self.clean(disk) }
        for path in ["..", "../x", "/etc/passwd", "a/../../b", "", "a//b", "./a", "a\0b"] {
            #expect(throws: DiskError(.open, path: path, errno: EINVAL)) {
                _ = try disk.open(path, .read)
            }
        }
        #expect(symlink("/etc/passwd", disk.root + "/link") == 0)
        #expect(throws: DiskError(.open, path: "link", errno: ELOOP)) {
            _ = try disk.open("link", .read)
        }
    }

    @Test("errors carry the operation, the path and the errno")
    func errors() throws {
        let disk = try Self.makeDisk()
        defer { Self.clean(disk) }
        #expect(throws: DiskError(.open, path: "absent", errno: ENOENT)) {
            _ = try disk.open("absent", .read)
        }
        try Self.write(disk, "here", [])
        #expect(throws: DiskError(.open, path: "here", errno: EEXIST)) {
            _ = try disk.open("here", .createNew)
        }
        #expect(throws: DiskError(.makeDirectory, path: "here", errno: EEXIST)) {
            try disk.makeDirectory("here")
        }
    }
}
