#include "cli/fetch/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <thread>

#include "rectify/base/file.h"
#include "rectify/base/version.h"
#include "rectify/lab/stopped.h"

namespace rectify::cli {

namespace {

/// The file that a download goes to, locked while this object lives.
class Target {
 public:
  explicit Target(std::filesystem::path path) : path_(std::move(path)) {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file_ < 0) fail_to_write();
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      ::close(file_);
      fail("'", path_.string(), "' is being downloaded by another process; wait for it");
    }
    size_ = ::lseek(file_, 0, SEEK_END);
  }
  ~Target() { ::close(file_); }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  std::int64_t size() const { return size_; }

  void clear() {
    if (::ftruncate(file_, 0) != 0 || ::lseek(file_, 0, SEEK_SET) != 0) fail_to_write();
    size_ = 0;
  }

  void append(const char* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t put = ::write(file_, bytes, count);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) fail_to_write();
      bytes += put;
      count -= static_cast<std::size_t>(put);
      size_ += put;
    }
  }

  void flush() {
    if (::fsync(file_) != 0) fail_to_write();
  }

 private:
  [[noreturn]] void fail_to_write() const {
    throw WriteError(concat("cannot write '", path_.string(), "': ", std::strerror(errno)));
  }

  std::filesystem::path path_;
  int file_ = -1;
  std::int64_t size_ = 0;
};

/// One request, for the bytes behind those that the target has.
class Request {
 public:
  Request(const std::string& url, Target& target, const DownloadOptions& options,
          const std::function<void(std::int64_t)>& told, const StopCallback& stop)
      : target_(target),
        most_(options.most),
        told_(told),
        stop_(stop),
        curl_(curl_easy_init(), curl_easy_cleanup) {
    if (!curl_) throw std::bad_alloc();
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 8L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, options.stall_seconds);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, options.stall_seconds);
    set(CURLOPT_USERAGENT, concat("rectify/", version).c_str());
    set(CURLOPT_ERRORBUFFER, message_);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFODATA, this);
    set(CURLOPT_XFERINFOFUNCTION, &Request::on_progress);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_WRITEFUNCTION, &Request::on_bytes);
    set(CURLOPT_RANGE, target.size() > 0 ? concat(target.size(), "-").c_str() : nullptr);
  }

  CURLcode perform() {
    const CURLcode code = curl_easy_perform(curl_.get());
    if (trouble_) std::rethrow_exception(trouble_);
    return code;
  }

  long status() const {
    long status = 0;
    curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  std::string reason(CURLcode code) const {
    return message_[0] != 0 ? message_ : curl_easy_strerror(code);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }

  /// curl is C: what goes wrong in its callbacks is kept and thrown when it has returned.
  template <class Work>
  bool guarded(Work work) {
    try {
      work();
      return true;
    } catch (...) {
      trouble_ = std::current_exception();
      return false;
    }
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& request = *static_cast<Request*>(self);
    return !request.guarded([&] {
      if (request.stop_ && request.stop_()) throw lab::Stopped("stopped");
    });
  }

  static std::size_t on_bytes(char* bytes, std::size_t, std::size_t count, void* self) {
    auto& request = *static_cast<Request*>(self);
    return request.guarded([&] { request.take(bytes, count); }) ? count : CURL_WRITEFUNC_ERROR;
  }

  void take(const char* bytes, std::size_t count) {
    const long answer = status();
    if (answer != 200 && answer != 206) return;     // the text of an error page
    if (!begun_ && answer == 200) target_.clear();  // the whole, though we asked for the rest
    begun_ = true;
    if (most_ > 0 && target_.size() + static_cast<std::int64_t>(count) > most_)
      throw DownloadError(concat("the server sends more than the ", most_, " bytes of this file"));
    target_.append(bytes, count);
    if (told_) told_(target_.size());
  }

  Target& target_;
  std::int64_t most_;
  const std::function<void(std::int64_t)>& told_;
  const StopCallback& stop_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_;
  char message_[CURL_ERROR_SIZE] = {};
  std::exception_ptr trouble_;
  bool begun_ = false;
};

/// Whether trying again can help.
bool is_passing(CURLcode code, long status) {
  switch (code) {
    case CURLE_OK:
      return status >= 500 || status == 429;
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

void wait(double seconds, const StopCallback& stop) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    if (stop && stop()) throw lab::Stopped("stopped");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace

void download(const std::string& url, const std::filesystem::path& file,
              const DownloadOptions& options, const std::function<void(std::int64_t)>& told,
              const StopCallback& stop) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (ready != CURLE_OK) throw DownloadError(curl_easy_strerror(ready));
  Target target(file);
  for (int tried = 1;; ++tried) {
    const std::int64_t before = target.size();
    Request request(url, target, options, told, stop);
    const CURLcode code = request.perform();
    const long status = request.status();
    if (code == CURLE_OK && (status == 200 || status == 206)) break;
    if (status == 416 && before > 0) break;  // there is nothing behind what we have
    if (target.size() > before) tried = 0;
    if (!is_passing(code, status) || tried >= options.tries)
      throw DownloadError(code == CURLE_OK ? concat("the server answers ", status)
                                           : request.reason(code));
    wait(options.wait_seconds * static_cast<double>(1 << std::max(0, tried - 1)), stop);
  }
  target.flush();
}

}  // namespace rectify::cli
