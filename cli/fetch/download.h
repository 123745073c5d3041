#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "rectify/base/error.h"
#include "rectify/base/progress.h"

namespace rectify::cli {

/// Thrown when a server cannot be reached, or does not give what is asked for.
class DownloadError : public Error {
 public:
  using Error::Error;
};

/// How a download behaves when things go wrong.
struct DownloadOptions {
  int tries = 4;            ///< in a row that brought nothing
  double wait_seconds = 1;  ///< before the second try; doubled for each further one
  long stall_seconds = 30;  ///< without a byte; then the connection is given up
  std::int64_t most = 0;    ///< bytes; a server that sends more is not believed
};

/// Brings what `url` (http or https) names into `file`, going on behind what the file holds already
/// if the server can. A connection that breaks is taken up again. `told` hears how many bytes there
/// are; `stop` is asked all the time. Locks the file meanwhile. Throws DownloadError, WriteError
/// when the disk is full, and lab::Stopped; the file then keeps what has come.
void download(const std::string& url, const std::filesystem::path& file,
              const DownloadOptions& options, const std::function<void(std::int64_t)>& told,
              const StopCallback& stop);

}  // namespace rectify::cli
