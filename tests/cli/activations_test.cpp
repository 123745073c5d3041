#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "rectify/activation/activation.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;

class Activations : public testing::Test {
 protected:
  Outcome run(const std::string& arguments, const std::string& environment = {}) {
    return run_program(folder_.path(), "activations " + arguments, environment);
  }
  fs::path path(const std::string& name) { return folder_.path() / name; }
  TemporaryFolder folder_;
};

/// What the program writes to a terminal of the usual 80 columns.
std::string shown_on_a_terminal(const std::string& arguments, const std::string& environment) {
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 80;
  int terminal = -1;
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    const std::string command =
        environment + " exec '" RECTIFY_PROGRAM "' activations " + arguments;
    ::execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    ::_exit(127);
  }
  std::string out;
  char bytes[4096];
  for (ssize_t n; (n = ::read(terminal, bytes, sizeof bytes)) > 0;)
    out.append(bytes, static_cast<std::size_t>(n));
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return out;
}

void expect_80_columns(const std::string& text) {
  for (const std::string& line : split(text, '\n')) {
    std::size_t columns = 0;
    for (const char c : line) columns += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    EXPECT_LE(columns, 80u) << line;
  }
}

TEST_F(Activations, TableHasEveryRowIn80Columns) {
  for (const char* flags : {"", "--cost"}) {
    const Outcome table = run(flags);
    EXPECT_EQ(table.code, 0) << table.err;
    expect_80_columns(table.out);
    for (const std::string& name : activation::names())
      EXPECT_NE(table.out.find("\n" + name + " "), std::string::npos) << name;
  }
  EXPECT_EQ(run("").out.find("cycles"), std::string::npos);
  EXPECT_NE(run("--cost").out.find("cycles"), std::string::npos);
}

TEST_F(Activations, SheetSaysTailsAndCost) {
  const Outcome sheet = run("relu");
  EXPECT_EQ(sheet.code, 0);
  for (const char* part : {"max(0, x)", "is 0 for x <= 0", "is x for x >= 0", "he_normal",
                           "cycles an element", "derivative"})
    EXPECT_NE(sheet.out.find(part), std::string::npos) << part << "\n" << sheet.out;
}

TEST_F(Activations, JsonHasTheTailsAndOnlyOnRequestTheCost) {
  const Json one = Json::parse(run("relu --json").out);
  EXPECT_EQ(one["schema"], 1);
  EXPECT_EQ(one["left_tail"]["how"], "is 0 for x <= 0");
  EXPECT_EQ(one["left_tail"]["value"], 0);
  EXPECT_TRUE(one["right_tail"]["value"].is_null());
  EXPECT_FALSE(one.contains("cost"));
  EXPECT_EQ(run("relu --json").out, run("relu --json").out);
  EXPECT_GT(Json::parse(run("relu --json --cost").out)["cost"]["forward_ns"].get<double>(), 0);
  const Json all = Json::parse(run("--json --cost").out);
  ASSERT_EQ(all["activations"].size(), activation::family().size());
  for (const Json& row : all["activations"])
    EXPECT_GT(row["cost"]["backward_cycles"].get<double>(), 0);
}

TEST_F(Activations, JsonSaysHowANumberVaries) {
  for (const auto& [name, varying] : std::map<std::string, std::string>{{"relu", "none"},
                                                                        {"prelu", "learned"},
                                                                        {"elu", "learnable"},
                                                                        {"rrelu", "uniform"},
                                                                        {"noisy_relu", "normal"}})
    EXPECT_EQ(Json::parse(run(name + " --json").out)["varying"], varying) << name;
}

TEST_F(Activations, PlotWritesThePictureThatTheNameAsksFor) {
  EXPECT_EQ(run("gelu --plot one.png").code, 0);
  EXPECT_TRUE(read_file(path("one.png")).starts_with("\x89PNG"));
  EXPECT_EQ(run("--plot all.svg").code, 0);
  EXPECT_TRUE(read_file(path("all.svg")).starts_with("<?xml"));
  const Outcome json = run("gelu --plot=two.SVG --json --quiet");
  EXPECT_EQ(Json::parse(json.out)["name"], "gelu");
  EXPECT_EQ(json.err, "");
  EXPECT_TRUE(fs::exists(path("two.SVG")));
}

TEST_F(Activations, PlotWithoutAFileIsTextWithoutColourInAPipe) {
  for (const char* arguments : {"gelu --plot", "--plot"}) {
    const Outcome plot = run(arguments, "TERM=xterm");
    EXPECT_EQ(plot.code, 0) << plot.err;
    expect_80_columns(plot.out);
    EXPECT_EQ(plot.out.find('\033'), std::string::npos);
    EXPECT_NE(plot.out.find("⠒⠒⠒⠀⠒⠒⠒ derivative"), std::string::npos);
  }
}

TEST_F(Activations, PlotOnATerminalIsColouredUnlessDeclined) {
  const std::string plain = "gelu --plot";
  EXPECT_NE(shown_on_a_terminal(plain, "NO_COLOR= TERM=xterm").find("\033[34m"), std::string::npos);
  for (const char* declined : {"NO_COLOR=1 TERM=xterm", "NO_COLOR= TERM=dumb"}) {
    const std::string shown = shown_on_a_terminal(plain, declined);
    EXPECT_EQ(shown.find('\033'), std::string::npos) << declined;
    EXPECT_NE(shown.find("derivative"), std::string::npos) << declined;
  }
}

TEST_F(Activations, PageWritesAllOfItAndTheSameAgain) {
  ASSERT_EQ(run("--page a/b").code, 0);
  ASSERT_EQ(run("--page c --quiet").code, 0);
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(path("c"))) {
    ++files;
    EXPECT_EQ(read_file(entry.path()), read_file(path("a/b") / entry.path().filename()));
  }
  EXPECT_EQ(files, activation::family().size() + 2);
  EXPECT_EQ(run("--page c").code, 0) << "writing again replaces";
}

TEST_F(Activations, WrongInputIsOneLineAndCode1) {
  fs::create_directory(path("folder.png"));
  write_file(path("file"), "text");
  const std::pair<const char*, const char*> wrong[] = {
      {"gelu --plot x.jpg", "must end in .png or .svg"},
      {"gelu --plot x", "must end in .png or .svg"},
      {"--plot gelu", "the name goes before --plot"},
      {"gelu --plot nowhere/x.png", "cannot write 'nowhere/x.png'"},
      {"gelu --plot folder.png", "it is a directory"},
      {"gelu --plot --json", "--plot FILE"},
      {"gelo --plot x.png", "did you mean 'gelu'"},
      {"--page file", "cannot make the folder 'file'"},
      {"--page file/sub", "cannot make the folder 'file/sub'"}};
  for (const auto& [arguments, message] : wrong) {
    const Outcome refused = run(arguments);
    EXPECT_EQ(refused.code, 1) << arguments;
    EXPECT_NE(refused.err.find(message), std::string::npos) << arguments << "\n" << refused.err;
    EXPECT_EQ(std::ranges::count(refused.err, '\n'), 1) << refused.err;
    EXPECT_EQ(refused.out, "") << arguments;
  }
  EXPECT_EQ(run("gelu --page d").code, 2);
  EXPECT_EQ(run("--plot a.png --page d").code, 2);
  EXPECT_FALSE(fs::exists(path("a.png")) || fs::exists(path("x.png")));
}

}  // namespace
}  // namespace rectify::cli
