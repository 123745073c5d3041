#include "cli/certificates.h"

#include <array>
#include <chrono>
#include <fstream>
#include <string_view>

#include "cli/out_file.h"
#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/verify/certify.h"
#include "rectify/verify/check.h"

namespace rectify::cli {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Whether nothing is lost with a file but an older certificate.
bool may_be_replaced(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return true;
  constexpr std::string_view begin = "rectify certificate";
  std::array<char, begin.size()> found{};
  std::ifstream in(path, std::ios::binary);
  in.read(found.data(), found.size());
  const auto size = static_cast<std::size_t>(in.gcount());
  return in.is_open() && (size == 0 || std::string_view(found.data(), size) == begin);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Json json_of(const Certified& certified) {
  if (!certified.why.empty()) return {{"file", nullptr}, {"why", certified.why}};
  return {{"file", certified.path}, {"bytes", certified.bytes}, {"seconds", certified.seconds}};
}

std::string text_of(const Certified& certified) {
  if (!certified.why.empty()) return certified.why + "\n";
  return concat("certificate ", certified.path, ", ",
                bytes_text(static_cast<std::int64_t>(certified.bytes)), ", made in ",
                fixed_text(certified.seconds, 2), " s; --check proves it again\n");
}

void check_certificate_out(const fs::path& path, std::initializer_list<fs::path> read, bool force) {
  std::error_code ignored;
  for (const fs::path& file : read)
    if (fs::equivalent(file, path, ignored))
      fail("--certificate '", path.string(), "' is what is read; give another file");
  if (!force && !may_be_replaced(path))
    fail("'", path.string(), "' is there already and is no certificate; --force writes over it");
  check_can_write(path);
}

Certified write_certificate(const model::Predictor& predictor, const verify::Property& property,
                            const verify::Verdict& verdict, const verify::Record& record,
                            const std::string& path, Terminal& terminal) {
  const auto start = Clock::now();
  Certified certified{path};
  if (verdict.answer == verify::Answer::unknown) {
    certified.why = "no certificate is written: the answer is unknown";
    return certified;
  }
  try {
    const verify::Certificate certificate = verify::certify(
        predictor, property, verdict, record, stop_when_interrupted(), terminal.progress());
    if (certificate.answer == verify::Answer::unknown) {
      certified.why = "no certificate is written: interrupted";
      return certified;
    }
    const std::string text = verify::text_of(certificate);
    write_file(path, text);
    certified.bytes = text.size();
  } catch (const verify::NotCertified& error) {
    certified.why = error.what();
  }
  certified.seconds = seconds_since(start);
  return certified;
}

verify::Answer check_certificate(const model::Predictor& predictor,
                                 const verify::Property& property, const std::string& path,
                                 Terminal& terminal) {
  const auto start = Clock::now();
  const verify::Certificate certificate = verify::read_certificate(path);
  const verify::Checked checked = verify::check(predictor, property, certificate, path,
                                                stop_when_interrupted(), terminal.progress());
  const std::string answer(rectify::name_of(checked.answer));
  const double seconds = seconds_since(start);
  if (terminal.json)
    terminal.print(Json{{"schema", 1},
                        {"certificate", path},
                        {"answer", answer},
                        {"steps", checked.steps},
                        {"sub_problems", checked.sub_problems},
                        {"seconds", seconds}}
                       .dump(2) +
                   "\n");
  else if (checked.answer == verify::Answer::unknown)
    terminal.print("unknown: the check was interrupted\n");
  else
    terminal.print(concat(answer, ": the certificate proves it\n",
                          count_text(static_cast<std::int64_t>(checked.steps)), " steps, ",
                          fixed_text(seconds, 2), " s\n"));
  return checked.answer;
}

}  // namespace rectify::cli
