import Foundation

/// Starts a program with exactly what is given: of this process it inherits nothing else.
enum Spawn {
    /// - Parameters:
    ///   - folder: Where it works.
    ///   - input: A file of this process that becomes its standard input; nil for none.
    ///   - output: The file its output and errors are added to.
    /// - Returns: The process, which is a child of this one.
    static func start(
        _ program: String, _ arguments: [String] = [], environment: [String: String], in folder: String,
        input: Int32? = nil, output: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        } else {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        // A session of its own: a Ctrl-C at the tests ends the tests, and their guard ends the rest. Each of these becomes
        // the next, so the number of the process stays.
        let words = ["/usr/bin/setsid", "/bin/bash", "-c", become, "start", folder, program] + arguments
        let texts = words.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in texts + variables { free(text) } }
        var id: pid_t = 0
        let code = posix_spawn(&id, words[0], &actions, nil, texts, variables)
        guard code == 0 else {
            throw Installation.Failure(text: "\(program) could not be started: \(String(cString: strerror(code)))")
        }
        return id
    }

    private static let become = """
        cd -- "$1" || exit 1
        shift
        for file in /proc/self/fd/*; do
            [ "${file##*/}" -le 2 ] || eval "exec ${file##*/}>&-"
        done
        exec "$@"
        """
}
