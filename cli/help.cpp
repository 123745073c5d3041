#include "cli/help.h"

#include "cli/columns.h"
#include "rectify/base/text.h"

namespace rectify::cli {

namespace {

class Formatter : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override {
    // CLI11 itself indents what follows a line's end.
    const std::string text = wrapped(option->get_description(), "", 80 - get_column_width());
    return std::string(trim(text));
  }
};

}  // namespace

std::shared_ptr<CLI::Formatter> help_formatter() { return std::make_shared<Formatter>(); }

}  // namespace rectify::cli
