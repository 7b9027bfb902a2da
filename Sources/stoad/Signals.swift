internal import Foundation
internal import UnixSignals

/// What each signal means to the daemon.
///
///     TERM, INT            stop: running requests may end, for shutdown-drain-seconds; a second
///                          one ends them at once
///     QUIT                 stop at once; what was acknowledged is kept as always
///     HUP                  open the log file anew, read the configuration file again
///     PIPE, XFSZ           ignored: the write that caused them fails, and is an error of its own
///     TTOU, TTIN           ignored: a log line must not stop a daemon in the background
///     USR1, USR2, ALRM, VTALRM, PROF, IO, PWR, real-time ones
///                          ignored: nobody asks for them
///     TSTP, CONT, KILL, STOP and those of crashes
///                          as the system has them
enum Signals {
    /// The signals that the daemon waits for.
    static func sequence() async -> UnixSignalsSequence {
        await UnixSignalsSequence(trapping: .sigterm, .sigint, .sigquit, .sighup)
    }

    /// Has the system drop what would end or stop the daemon to no purpose.
    static func ignoreOthers() {
        for number in [
            SIGPIPE, SIGXFSZ, SIGTTOU, SIGTTIN, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF,
            SIGIO, SIGPWR,
        ] {
            signal(number, SIG_IGN)
        }
        for number in __libc_current_sigrtmin()...__libc_current_sigrtmax() {
            signal(number, SIG_IGN)
        }
    }
}
