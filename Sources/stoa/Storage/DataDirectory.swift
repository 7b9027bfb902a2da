internal import Foundation
internal import StoaDisk
internal import StoaModel
internal import StoaStorage

/// A data directory opened for looking only.
enum DataDirectory {
    /// The directory as a disk. It must exist: looking makes nothing.
    static func open(_ path: String) throws -> KernelDisk {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
            isDirectory.boolValue
        else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw Failure.local("\(path): \(exists ? "not a directory" : "no such directory")")
        }
        do throws(DiskError) {
            return try KernelDisk(root: path)
        } catch {
            throw Failure.local("\(path): \(String(cString: strerror(error.errno)))")
        }
    }

    /// The segment at `path`: the disk to read it through, its path there, and its table when the
    /// directory around it tells.
    static func segment(
        at path: String
    ) throws -> (disk: KernelDisk, path: String, definition: (UInt32) -> TableDefinition?) {
        let url = URL(filePath: path).standardizedFileURL
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else {
            throw Failure.local("\(path): no such file")
        }
        guard !isDirectory.boolValue else {
            throw Failure.local(
                "\(path): a directory, not a segment file",
                hint: "Segment files lie in the folder seg of a data directory.")
        }
        let folder = url.deletingLastPathComponent()
        let root = folder.deletingLastPathComponent()
        if folder.lastPathComponent == "seg", let disk = try? open(root.path),
            let manifest = try? StoreCheck.currentManifest(on: disk)
        {
            let definitions = manifest.tables.map(\.definition)
            return (
                disk, "seg/\(url.lastPathComponent)", { id in definitions.first { $0.id == id } }
            )
        }
        return (try open(folder.path), url.lastPathComponent, { _ in nil })
    }
}
