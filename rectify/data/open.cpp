#include <filesystem>
#include <new>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/dataset.h"
#include "rectify/data/kinds.h"

namespace rectify::data {

namespace {

[[noreturn]] void fail_unknown(const std::string& spec, const std::string& name) {
  if (trim(spec).empty()) {
    std::string forms;
    for (const Kind& kind : kinds) forms += (forms.empty() ? "" : ", ") + std::string(kind.form);
    fail("data SPEC is empty; it may be ", forms);
  }
  std::error_code ignored;
  if (std::filesystem::exists(spec, ignored))
    fail("data '", spec,
         "': say what kind of data it is; for a folder of IDX files write mnist:", spec);
  std::vector<std::string> names;
  for (const Kind& kind : kinds) names.emplace_back(kind.name);
  fail("data '", spec, "': there is no kind '", name, "'", suggestion(name, names));
}

}  // namespace

Dataset open(const std::string& spec, ThreadPool& threads) {
  const std::size_t colon = spec.find(':');
  const std::string name(trim(std::string_view(spec).substr(0, colon)));
  for (const Kind& kind : kinds) {
    if (name != kind.name) continue;
    const Request request{spec, colon == std::string::npos ? "" : spec.substr(colon + 1)};
    try {
      Dataset dataset = kind.open(request, threads);
      dataset.spec = spec;
      return dataset;
    } catch (const std::bad_alloc&) {
      fail(request.what(), ": there is not enough memory to hold it; take fewer samples");
    }
  }
  fail_unknown(spec, name);
}

}  // namespace rectify::data
