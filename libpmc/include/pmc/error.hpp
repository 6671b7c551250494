#pragma once

#include <pmc/export.hpp>
#include <pmc/reason.hpp>

#include <exception>
#include <string>
#include <vector>

namespace pmc {

/// What kind of thing went wrong.
enum class ErrorKind {
    syntax,        ///< an event list or a formula can't be read
    unknown_name,  ///< no event or metric has this name
    not_available, ///< it exists, but can't be counted here: see reason()
    command,       ///< the command could not be started
    io,            ///< a file could not be read or written
    format,        ///< a document (a Result, a table) is not what it should be
    misuse         ///< the caller asked for something that has no meaning
};

/// How far the work had come.
enum class Stage { parse, resolve, open, enable, read, verify, spawn, exec, document };

/// The only exception of libpmc, and the error of Expected.
///
/// what() is one line that says what was wrong; hint() one line that says what to do, or is empty.
class PMC_API Error : public std::exception {
public:
    Error(ErrorKind kind, Stage stage, std::string message, std::string hint = {});
    /// An event or metric that can't be counted: message and hint come from the reason.
    Error(Stage stage, std::string event, Reason reason);

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }
    [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] Stage stage() const noexcept { return stage_; }
    /// errno of the failed system call, or 0.
    [[nodiscard]] int error_number() const noexcept { return reason_.error; }
    /// The event, metric, command or file that it is about; may be empty.
    [[nodiscard]] const std::string& subject() const noexcept { return subject_; }
    [[nodiscard]] const Reason& reason() const noexcept { return reason_; }
    /// What was tried before giving up, in order ("user+kernel: EACCES", "user: EACCES").
    [[nodiscard]] const std::vector<std::string>& tried() const noexcept { return tried_; }

    Error& with_errno(int error) &;
    Error&& with_errno(int error) &&;
    Error&& with_subject(std::string subject) &&;
    Error&& with_tried(std::vector<std::string> tried) &&;

private:
    ErrorKind kind_;
    Stage stage_;
    std::string message_;
    std::string hint_;
    std::string subject_;
    Reason reason_;
    std::vector<std::string> tried_;
};

} // namespace pmc
