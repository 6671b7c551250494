// Regions in a server: they stay in the code for ever, and its operator turns measuring on while it runs, looks, and
// turns it off again. Here the operator's commands come as requests, as they might come from a port for administrators.
#include <pmc/error.hpp>
#include <pmc/region.hpp>
#include <pmc/result.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constinit pmc::Region handle_region{"handle"};
constinit pmc::Region parse_region{"handle/parse"};
constinit pmc::Region execute_region{"handle/execute"};
constinit pmc::Region reply_region{"handle/reply"};

/// Requests from one thread to several.
class Queue {
public:
    void push(std::string request) {
        const std::lock_guard lock{mutex_};
        requests_.push_back(std::move(request));
        ++unanswered_;
        changed_.notify_all();
    }
    /// The next request; empty when there will be none.
    std::optional<std::string> pop() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return closed_ || !requests_.empty(); });
        if (requests_.empty())
            return std::nullopt;
        std::string request = std::move(requests_.front());
        requests_.pop_front();
        return request;
    }
    void answered() {
        const std::lock_guard lock{mutex_};
        --unanswered_;
        changed_.notify_all();
    }
    void wait_until_answered() {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [&] { return unanswered_ == 0; });
    }
    void close() {
        const std::lock_guard lock{mutex_};
        closed_ = true;
        changed_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> requests_;
    int unanswered_ = 0;
    bool closed_ = false;
};

std::vector<std::uint64_t> parse(const std::string& request) {
    const pmc::Scope scope{parse_region};
    std::istringstream words{request};
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 0; words >> number;)
        numbers.push_back(number);
    return numbers;
}

/// The median: something to do.
std::uint64_t execute(std::vector<std::uint64_t> numbers) {
    const pmc::Scope scope{execute_region};
    std::sort(numbers.begin(), numbers.end());
    return numbers.empty() ? 0 : numbers[numbers.size() / 2];
}

std::string reply(std::uint64_t answer) {
    const pmc::Scope scope{reply_region};
    return "median " + std::to_string(answer) + "\n";
}

std::string handle(const std::string& request) {
    const pmc::Scope scope{handle_region}; // has all that is done for the request in it, the regions within too
    return reply(execute(parse(request)));
}

void serve(Queue& queue) {
    while (const std::optional<std::string> request = queue.pop()) {
        (void)handle(*request);
        queue.answered();
    }
}

/// A count of a region for each of its calls, or why there is none. (Of calls that are "uncounted" only the time is
/// known.)
std::string per_call(const pmc::Sample& sample, const char* name) {
    const auto event = std::find_if(sample.events.begin(), sample.events.end(),
                                    [&](const pmc::EventCount& count) { return count.name == name; });
    const std::uint64_t calls = sample.region->calls - sample.region->uncounted;
    if (event == sample.events.end() || !event->has_value() || calls == 0)
        return "not counted";
    char text[64];
    std::snprintf(text, sizeof text, "%.0f", event->value() / static_cast<double>(calls));
    return text;
}

/// What the operator sees.
void print_regions() {
    std::printf("%-16s %10s %14s %24s\n", "region", "calls", "us per call", "instructions per call");
    std::string reason;
    for (const pmc::Sample& sample : pmc::report().samples) {
        if (sample.scope != "region" || sample.region->calls == 0)
            continue;
        const double us = 1e6 * sample.region->time_s / static_cast<double>(sample.region->calls);
        std::printf("%-16s %10llu %14.2f %24s\n", sample.id.c_str(),
                    static_cast<unsigned long long>(sample.region->calls), us,
                    per_call(sample, "instructions").c_str());
        for (const pmc::EventCount& event : sample.events)
            if (event.reason)
                reason = event.name + ": " + event.reason.evidence;
    }
    if (!reason.empty())
        std::printf("why not: %s\n", reason.c_str());
}

} // namespace

int main() {
    Queue queue;
    std::vector<std::thread> workers(2);
    for (std::thread& worker : workers)
        worker = std::thread{serve, std::ref(queue)};
    std::string request;
    for (int number = 200; number > 0; --number)
        request += std::to_string(number * 37 % 101) + ' ';
    const auto traffic = [&](int requests) {
        for (int i = 0; i < requests; ++i)
            queue.push(request);
        queue.wait_until_answered();
    };

    traffic(500); // nobody measures: the regions cost a few instructions
    try {
        pmc::enable("instructions,cycles"); // PMC_EVENTS goes before it
    } catch (const pmc::Error& error) {
        std::fprintf(stderr, "%s\n  hint: %s\n", error.what(), error.hint().c_str());
    }
    traffic(1000);
    pmc::disable();
    traffic(500);
    print_regions(); // of the 1000, though it is long over

    queue.close();
    for (std::thread& worker : workers)
        worker.join();
}
