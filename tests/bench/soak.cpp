// Does pmcstat, or a program that counts itself, grow with time? usage: soak PMCSTAT [INTERVALS [CPU]]
// Counts 100,000 intervals of a millisecond, over and over: all CPUs, a process, a command, and a program by the
// library, while threads and processes come and go, and CPU (a number; needs root) goes offline and comes back all the
// time. Prints what each held on to, and ends with 1 if that grew.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace {

using Words = std::vector<std::string>;

/// A child with pipes to its standard input, and from its output and errors. Ended and waited for with this.
class Child {
public:
    explicit Child(Words words) {
        std::array<int, 2> in{};
        std::array<int, 2> out{};
        if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
            std::exit(2);
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            dup2(out[1], STDERR_FILENO);
            std::vector<char*> argv;
            for (std::string& word : words)
                argv.push_back(word.data());
            argv.push_back(nullptr);
            execvp(argv[0], argv.data());
            std::perror(argv[0]);
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        in_ = in[1];
        out_ = out[0];
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0)
            kill(pid_, SIGKILL);
        (void)wait();
        close(out_);
    }

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] int out() const noexcept { return out_; }
    /// What reads its standard input ends.
    void end_input() noexcept {
        if (in_ >= 0)
            close(std::exchange(in_, -1));
    }
    /// Its exit status, or -1.
    [[nodiscard]] int wait() noexcept {
        end_input();
        int status = 0;
        if (pid_ <= 0 || waitpid(std::exchange(pid_, -1), &status, 0) < 0)
            return -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
};

/// What a process holds.
struct Held {
    long memory = 0; ///< bytes that are its own: all but files' pages
    long mappings = 0;
    long files = 0;

    /// A process that ends holds nothing, bit by bit.
    [[nodiscard]] bool is_whole() const noexcept { return memory > 0 && mappings > 0 && files > 0; }
};

long entries_of(const std::string& folder) {
    DIR* const opened = opendir(folder.c_str());
    if (opened == nullptr)
        return 0;
    long count = -2; // . and ..
    while (readdir(opened) != nullptr)
        ++count;
    closedir(opened);
    return count;
}

Held look_at(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid);
    Held held;
    std::string line;
    // Not status: what it says of memory is off by some pages for each CPU.
    std::ifstream memory(folder + "/smaps_rollup");
    while (std::getline(memory, line))
        if (line.starts_with("Anonymous:"))
            held.memory = std::atol(line.c_str() + sizeof "Anonymous:") * 1024;
    std::ifstream mappings(folder + "/maps");
    while (std::getline(mappings, line))
        ++held.mappings;
    held.files = entries_of(folder + "/fd");
    return held;
}

/// A CPU that goes and comes back all the time, and is there in the end.
class RestlessCpu {
public:
    explicit RestlessCpu(const char* cpu) {
        if (cpu == nullptr)
            return;
        file_ = std::string("/sys/devices/system/cpu/cpu") + cpu + "/online";
        if (access(file_.c_str(), W_OK) != 0) {
            std::perror(file_.c_str());
            std::exit(2);
        }
        worker_ = std::thread([this] {
            while (!over_) {
                set(false);
                set(true);
            }
        });
    }
    RestlessCpu(const RestlessCpu&) = delete;
    RestlessCpu& operator=(const RestlessCpu&) = delete;
    ~RestlessCpu() {
        over_ = true;
        if (worker_.joinable())
            worker_.join();
    }
    /// So often it has come back.
    [[nodiscard]] unsigned rounds() const noexcept { return rounds_; }

private:
    void set(bool online) {
        const bool done = static_cast<bool>(std::ofstream(file_) << online << std::flush);
        rounds_ += online && done ? 1 : 0;
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }

    std::string file_;
    std::atomic<bool> over_ = false;
    std::atomic<unsigned> rounds_ = 0;
    std::thread worker_;
};

/// Lines out of pieces.
class Lines {
public:
    /// So many lines of `piece`, and of what was left of the last one, begin with `mark` or have it in them.
    long count(std::string_view piece, std::string_view mark) {
        long found = 0;
        for (std::size_t end = 0; (end = piece.find('\n')) != std::string_view::npos; piece.remove_prefix(end + 1)) {
            line_.append(piece.substr(0, end));
            found += line_.find(mark) != std::string::npos ? 1 : 0;
            last_.swap(line_);
            line_.clear();
        }
        line_.append(piece);
        return found;
    }
    [[nodiscard]] const std::string& last() const noexcept { return last_; }

private:
    std::string line_, last_;
};

struct Subject {
    std::string title;
    Words words;
    std::string mark; ///< an interval's line has it, and one only
    bool ends_itself = true;
};

class Soak {
public:
    Soak(long intervals, const RestlessCpu& cpu) : intervals_(intervals), cpu_(cpu) {}

    /// Whether it came to its end and did not grow; prints its line.
    bool run(const Subject& subject) {
        const unsigned before = cpu_.rounds();
        Child child(subject.words);
        std::vector<Held> seen;
        Lines lines;
        long done = 0;
        long told = 0; // where it takes an hour, and may be ended before
        std::vector<char> piece(1U << 16);
        pollfd readable{child.out(), POLLIN, 0};
        constexpr int patience_ms = 60'000;
        while (poll(&readable, 1, patience_ms) > 0) {
            const ssize_t size = read(child.out(), piece.data(), piece.size());
            if (size <= 0)
                break;
            done += lines.count({piece.data(), static_cast<std::size_t>(size)}, subject.mark);
            // A thousand looks, at the same intervals for all.
            if (done < intervals_ && done * looks / intervals_ >= static_cast<long>(seen.size()))
                keep(seen, done, look_at(child.pid()));
            if (done < intervals_ && done >= told + intervals_ / 10) {
                told = done;
                const Held held = look_at(child.pid());
                std::fprintf(stderr, "%s: %ld intervals, %ld KiB, %ld mappings, %ld files\n", subject.title.c_str(),
                             done, held.memory / 1024, held.mappings, held.files);
            }
            if (done == intervals_ && !subject.ends_itself)
                child.end_input();
        }
        const bool is_whole = done == intervals_ && child.wait() == 0;
        if (!is_whole)
            std::printf("%s: ended after %ld intervals: %s\n", subject.title.c_str(), done, lines.last().c_str());
        return tell(subject, done, seen, cpu_.rounds() - before) && is_whole;
    }

private:
    static constexpr long looks = 1000;

    /// At most one for each look that was due, so that places in `seen` are moments.
    void keep(std::vector<Held>& seen, long done, Held held) const {
        if (!held.is_whole())
            return;
        seen.resize(static_cast<std::size_t>(done * looks / intervals_), held);
        seen.push_back(held);
    }

    /// The least that was held at any moment of a part of the time: what stays.
    static long least(const std::vector<Held>& seen, std::size_t from, std::size_t to, long Held::*what) {
        long found = seen[from].*what;
        for (std::size_t i = from; i < to; ++i)
            found = std::min(found, seen[i].*what);
        return found;
    }

    static bool tell(const Subject& subject, long done, const std::vector<Held>& seen, unsigned cpu_rounds) {
        if (seen.size() < 10)
            return false;
        // After a quarter everything has been met (each new thread may get an arena of malloc); then the next beside
        // the last.
        const std::size_t begin = seen.size() / 4;
        const std::size_t part = seen.size() / 4;
        const auto first = [&](long Held::*what) { return least(seen, begin, begin + part, what); };
        const auto last = [&](long Held::*what) { return least(seen, seen.size() - part, seen.size(), what); };
        const auto most = [&](long Held::*what) {
            return std::ranges::max(seen, {}, [what](const Held& held) { return held.*what; }).*what;
        };
        // A byte for each interval that lies between would be more. The heap itself may still settle by some pages.
        constexpr long bound = 64L * 1024;
        const bool is_flat = last(&Held::memory) - first(&Held::memory) <= bound &&
                             last(&Held::mappings) <= first(&Held::mappings) &&
                             last(&Held::files) <= first(&Held::files);
        const double between = static_cast<double>(done) * static_cast<double>(seen.size() - begin - part) /
                               static_cast<double>(seen.size());
        std::printf("%-26s %9ld %7u %7ld %7ld %7.2f %6ld %4ld %5ld %4ld   %s\n", subject.title.c_str(), done,
                    cpu_rounds, first(&Held::memory) / 1024, last(&Held::memory) / 1024,
                    static_cast<double>(last(&Held::memory) - first(&Held::memory)) / between, first(&Held::mappings),
                    last(&Held::mappings), last(&Held::files), most(&Held::files), is_flat ? "flat" : "GROWS");
        std::fflush(stdout);
        return is_flat;
    }

    long intervals_;
    const RestlessCpu& cpu_;
};

std::string beside_this(const std::string& program) {
    std::array<char, 4096> path{};
    const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
    std::string folder(path.data(), size < 0 ? 0 : static_cast<std::size_t>(size));
    return folder.substr(0, folder.rfind('/') + 1) + program;
}

} // namespace

int main(int argc, char** argv) {
    const long intervals = argc > 2 ? std::atol(argv[2]) : 100'000;
    if (argc < 2 || intervals < 1000) {
        std::fputs("usage: soak PMCSTAT [INTERVALS [CPU]], of 1,000 intervals or more\n", stderr);
        return 2;
    }
    const std::string pmcstat = argv[1];
    const RestlessCpu cpu(argc > 3 ? argv[3] : nullptr);
    const std::string restless = beside_this("coming_and_going");
    Child load({restless});

    const auto counting = [&](Words more) {
        Words words{pmcstat, "-I", "1", "--count", std::to_string(intervals), "-e", "cycles,instructions,page-faults"};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    std::printf("%-26s %9s %7s %15s %7s %11s %10s\n%-26s %9s %7s %7s %7s %7s %6s %4s %5s %4s\n", "", "", "CPU",
                "own memory, KiB", "bytes/", "mappings", "files", "", "intervals", "came", "first", "last", "intvl",
                "first", "last", "last", "most");
    Soak soak(intervals, cpu);
    bool all_flat = true;
    for (const Subject& subject :
         {Subject{"all CPUs, text", counting({"-a", "-A"}), "  +"},
          Subject{"a process, csv", counting({"-p", std::to_string(load.pid()), "--format", "csv"}),
                  ",event,page-faults,"},
          Subject{"a command, ndjson", counting({"--format", "ndjson", "--", restless}), "{\"run\"", false},
          Subject{"by the library, regions", {beside_this("soaked_library"), std::to_string(intervals)}, "interval"}})
        all_flat = soak.run(subject) && all_flat;
    return all_flat ? 0 : 1;
}
