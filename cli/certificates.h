#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <string>

#include "cli/terminal.h"
#include "rectify/base/json.h"
#include "rectify/model/predictor.h"
#include "rectify/verify/property.h"
#include "rectify/verify/record.h"
#include "rectify/verify/verify.h"

namespace rectify::cli {

/// A certificate that was written.
struct Certified {
  std::string path;
  std::size_t bytes = 0;
  double seconds = 0;    ///< that it took to make
  std::string why = {};  ///< where none was written: a sentence
};
Json json_of(const Certified& certified);
/// A line for people.
std::string text_of(const Certified& certified);

/// Throws Error where no certificate is to be written to `path`: it is one of the files that are
/// read, or holds something that is no certificate, unless `force`, or it cannot be written.
void check_certificate_out(const std::filesystem::path& path,
                           std::initializer_list<std::filesystem::path> read, bool force);

/// Writes the certificate of an answer. For an unknown one, and where the checker's rules do not
/// prove what the search did, it writes none and says why. Throws WriteError.
Certified write_certificate(const model::Predictor& predictor, const verify::Property& property,
                            const verify::Verdict& verdict, const verify::Record& record,
                            const std::string& path, Terminal& terminal);

/// Checks a certificate and prints what it proves; returns that. Throws Error where it is none.
verify::Answer check_certificate(const model::Predictor& predictor,
                                 const verify::Property& property, const std::string& path,
                                 Terminal& terminal);

}  // namespace rectify::cli
