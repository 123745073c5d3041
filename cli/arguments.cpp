#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/columns.h"
#include "rectify/base/text.h"

namespace rectify::cli {

namespace {

/// Help whose lines fit 80 columns: a description goes on below its own beginning.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override {
    // CLI11 itself indents what follows a line's end.
    const std::string text = wrapped(option->get_description(), "", 80 - get_column_width());
    return std::string(trim(text));
  }

  std::string make_subcommand(const CLI::App* app) const override {
    constexpr std::size_t column = 15;  // behind the longest verb
    const std::string name = "  " + app->get_name() + " ";
    const std::string text = wrapped(app->get_description(), std::string(column, ' '), 80);
    return name + text.substr(std::min(name.size(), column));
  }
};

Declared declared_by(const CLI::Option& option) {
  Declared d;
  d.positional = option.get_positional();
  d.name = d.positional ? option.get_name(true) : "--" + option.get_lnames().at(0);
  if (option.get_items_expected_max() > 0) d.type = option.get_type_name();
  d.description = option.get_description();
  d.initial = option.get_default_str();
  d.required = option.get_required();
  d.optional_value = option.get_items_expected_max() > 0 && option.get_items_expected_min() == 0;
  d.configurable = option.get_configurable();
  d.typed = option.results();
  return d;
}

}  // namespace

Option& Option::type_name(const std::string& type) {
  option_->type_name(type);
  return *this;
}

Option& Option::group(const std::string& heading) {
  option_->group(heading);
  return *this;
}

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::configurable(bool belongs) {
  option_->configurable(belongs);
  return *this;
}

Option& Option::optional_value() {
  option_->expected(0, 1);
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}

Option& Option::check(const std::function<std::string(const std::string&)>& wrong) {
  option_->check(wrong);
  return *this;
}

bool Option::given() const { return option_->count() > 0; }

Option Arguments::option(const std::string& name, std::string& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Arguments::option(const std::string& name, int& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Arguments::option(const std::string& name, std::int64_t& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Arguments::option(const std::string& name, std::uint64_t& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Arguments::option(const std::string& name, double& value, const std::string& help) {
  return Option(app_->add_option(name, value, help));
}

Option Arguments::option(const std::string& name, std::vector<std::string>& values,
                         const std::string& help) {
  return Option(app_->add_option(name, values, help)->default_str(""));
}

Option Arguments::option(const std::string& name, std::function<void(const std::string&)> set,
                         const std::string& initial, const std::string& help) {
  CLI::Option* option = app_->add_option_function<std::string>(name, set, help);
  return Option(option->default_str(initial));
}

Option Arguments::option(const std::string& name, const std::string& help) {
  return Option(app_->add_option(name, help));
}

Option Arguments::flag(const std::string& name, bool& value, const std::string& help) {
  return Option(app_->add_flag(name, value, help));
}

Arguments Arguments::command(const std::string& name, const std::string& summary) {
  CLI::App* below = app_->add_subcommand(name, summary);
  below->option_defaults()->always_capture_default();
  return Arguments(below);
}

void Arguments::require_command() { app_->require_subcommand(1); }

void Arguments::fallthrough() { app_->fallthrough(); }

void Arguments::example(const std::string& line) { app_->footer("Example:\n  " + line); }

std::string Arguments::name() const { return app_->get_name(); }

std::string Arguments::summary() const { return app_->get_description(); }

std::string Arguments::footer() const { return app_->get_footer(); }

std::vector<Declared> Arguments::declared() const {
  std::vector<Declared> all;
  for (const CLI::Option* option : app_->get_options()) all.push_back(declared_by(*option));
  return all;
}

std::vector<Arguments> Arguments::commands() const {
  std::vector<Arguments> all;
  for (CLI::App* below : app_->get_subcommands([](CLI::App*) { return true; }))
    all.emplace_back(below);
  return all;
}

Arguments Arguments::parent() const { return Arguments(app_->get_parent()); }

bool Arguments::chosen() const { return app_->parsed(); }

Program::Program(const std::string& name, const std::string& summary, const std::string& footer,
                 std::function<std::string()> version)
    : Arguments(nullptr), owned_(std::make_unique<CLI::App>(summary, name)) {
  app_ = owned_.get();
  app_->formatter(std::make_shared<HelpFormatter>());
  app_->set_version_flag("--version", std::move(version));
  app_->footer(footer);
  require_command();
}

Program::~Program() = default;

bool Program::parse(std::vector<std::string> words) {
  std::ranges::reverse(words);  // the order that CLI11 wants
  try {
    app_->parse(std::move(words));
    return true;
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) throw BadCommand(error.what());
    app_->exit(error);  // prints what was asked for
    return false;
  }
}

}  // namespace rectify::cli
