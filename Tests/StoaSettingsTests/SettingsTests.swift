import StoaSettings
import Testing

@Suite struct SettingsTests {
    private func file(_ text: String) throws -> SettingsFile {
        try SettingsFile(path: "stoad.yaml", text: text)
    }

    @Test("a flag goes before the environment, that before the file, that before the default")
    func precedence() throws {
        let file = try file("workers: 3\nlisten: 127.0.0.1:1\nidle-timeout-seconds: 33\n")
        let settings = try Settings(
            flags: [.workers: "5"],
            environment: ["STOA_WORKERS": "4", "STOA_LISTEN": "127.0.0.1:2", "PATH": "/bin"],
            file: file)
        #expect(settings.workerCount == 5)
        #expect(settings.listenAddress == ListenAddress("127.0.0.1:2"))
        #expect(settings.idleTimeoutSeconds == 33)
        #expect(settings.handshakeTimeoutSeconds == 5)
        #expect(settings.origin(of: .workers) == .flag(name: "--workers"))
        #expect(settings.origin(of: .listen) == .environment(name: "STOA_LISTEN"))
        #expect(settings.origin(of: .idleTimeout) == .file(path: "stoad.yaml", line: 3))
        #expect(settings.origin(of: .handshakeTimeout) == .compiledDefault)
    }

    @Test("an unknown key is refused with the nearest known one")
    func unknownKey() {
        let error = #expect(throws: SettingsError.self) {
            try file("data-dir: here\nworker: 3\n")
        }
        #expect(error?.description == "stoad.yaml:2: unknown key 'worker'; did you mean 'workers'?")
    }

    @Test("a variable near a setting is refused, the client's and strange ones are not")
    func unknownVariable() throws {
        let error = #expect(throws: SettingsError.self) {
            try Settings(flags: [:], environment: ["STOA_LISTN": "x"], file: nil)
        }
        #expect(
            error?.description
                == "unknown environment variable STOA_LISTN; did you mean STOA_LISTEN?")
        let settings = try Settings(
            flags: [:], environment: ["STOA_URL": "stoa://h:1", "STOA_CONFIG": "x"], file: nil)
        #expect(settings == Settings())
        let strange = ["STOA_SERVICE_HOST", "STOA_PORT_8471_TCP_ADDR", "STOA_BIN", "STOA_"]
        let others = try Settings(
            flags: [:],
            environment: Dictionary(uniqueKeysWithValues: strange.map { ($0, "x") }), file: nil)
        #expect(others.hasSameValues(as: Settings()))
        #expect(others.unknownVariables == strange.sorted())
        for near in ["STOA_DATADIR", "STOA_WORKER", "STOA_LOG_LEVLE", "STOA_URLS"] {
            #expect(throws: SettingsError.self, "\(near)") {
                try Settings(flags: [:], environment: [near: "x"], file: nil)
            }
        }
    }

    @Test("what two settings differ in is named")
    func differences() throws {
        let settings = try Settings(
            flags: [.workers: "2", .logLevel: "debug", .listen: "127.0.0.1:8471"],
            environment: [:], file: nil)
        #expect(settings.differences(from: Settings()) == [.workers, .logLevel])
    }

    @Test("a value out of range is refused with who said it and what it may be")
    func range() {
        let error = #expect(throws: SettingsError.self) {
            try Settings(
                flags: [:], environment: ["STOA_SHUTDOWN_DRAIN_SECONDS": "11"], file: nil)
        }
        #expect(
            error?.description == """
                shutdown-drain-seconds cannot be '11' (STOA_SHUTDOWN_DRAIN_SECONDS); \
                it takes seconds, 0 … 10
                """)
    }

    @Test(
        "every key refuses nonsense, an empty value and a number below its range",
        arguments: SettingKey.allCases)
    func nonsense(_ key: SettingKey) {
        for text in ["", "-1"] + (key == .dataDirectory ? [] : ["nonsense", "1e9", "٣"]) {
            guard !(key == .dataDirectory && text == "-1") else { continue }
            #expect(key.definition.parse(text) == nil, "\(text)")
        }
    }

    @Test("a file that is no mapping of plain values is refused, and none traps")
    func brokenFiles() {
        let texts = [
            "- a\n- b\n", "data-dir: [1, 2]\n", "a: b: c\n", "\u{0}", "{[}\n",
            "data-dir: a\ndata-dir: b\n", "? [a]\n: b\n", "&a *a\n", "data-dir: {x: y}\n",
        ]
        for text in texts {
            #expect(throws: SettingsError.self, "\(text)") { try file(text) }
        }
    }

    @Test("an empty file says nothing")
    func emptyFile() throws {
        for text in ["", "# only a comment\n"] {
            #expect(
                try Settings(flags: [:], environment: [:], file: file(text)) == Settings())
        }
    }

    @Test("auto leaves the number to the machine")
    func automatic() throws {
        #expect(Settings().workerCount == nil)
        #expect(Settings().memoryByteCountLimit == nil)
        let settings = try Settings(flags: [.memoryLimit: "2GiB"], environment: [:], file: nil)
        #expect(settings.memoryByteCountLimit == 2 << 30)
    }
}
