// What diagnose and preflight leave in the folder of --out.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* tiny = "--data glyphs:train=400,test=100,difficulty=0 --hidden 16 ";

class DiagnosisFolder : public testing::Test {
 protected:
  Outcome run(const std::string& arguments) { return run_program(folder_.path(), arguments); }
  std::string file(const std::string& name) { return read_file(folder_.path() / name); }
  static bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
  /// The lines of the command that the page shows, each without "rectify ".
  static std::vector<std::string> commands(const std::string& page) {
    const std::string open = "<code id=\"command\">";
    const std::size_t at = page.find(open);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + open.size();
    std::vector<std::string> lines =
        split(page.substr(begin, page.find("</code>", begin) - begin), '\n');
    for (std::string& line : lines) {
      EXPECT_EQ(line.substr(0, 8), "rectify ");
      line.erase(0, 8);
    }
    return lines;
  }
  TemporaryFolder folder_;
};

TEST_F(DiagnosisFolder, HoldsThePageAndWhatJsonPrints) {
  const Outcome told = run(std::string("preflight ") + tiny + "--lr 30 --out a/b --json");
  ASSERT_EQ(told.code, 0) << told.err;
  EXPECT_TRUE(has(told.err, "page: a/b/diagnosis.html\n")) << told.err;
  EXPECT_EQ(file("a/b/diagnosis.json"), told.out);
  EXPECT_TRUE(has(file("a/b/diagnosis.html"), "Fault</span> The learning rate is too high</h1>"));
}

TEST_F(DiagnosisFolder, PageGivesACommandThatTrainsWithTheChange) {
  ASSERT_EQ(run(std::string("preflight ") + tiny + "--lr 30 --epochs 1 --out p").code, 0);
  const Json change = Json::parse(file("p/diagnosis.json"))["findings"][0]["changes"][0];
  const auto lines = commands(file("p/diagnosis.html"));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(has(lines[0], "--lr " + change["value"].get<std::string>())) << lines[0];
  EXPECT_FALSE(has(lines[0], "--lr 30")) << lines[0];
  ASSERT_EQ(run(lines[0]).code, 0) << lines[0];
  EXPECT_TRUE(has(file("rectify-run/config.toml"), "lr = " + change["value"].get<std::string>()));
  EXPECT_TRUE(has(file("rectify-run/config.toml"), "epochs = 1\n"));
  EXPECT_TRUE(has(file("rectify-run/config.toml"), "hidden = 16\n"));
}

TEST_F(DiagnosisFolder, PageOfARunGivesTheCommandsThatTrainItAnew) {
  run(std::string("train ") + tiny + "--lr 30 --epochs 2 --out hot --quiet");
  ASSERT_EQ(run("diagnose hot/ --out hot").code, 0) << "the run's own folder will do";
  const auto lines = commands(file("hot/diagnosis.html"));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], "diagnose hot/ --apply hot-mended");
  for (const std::string& line : lines) {
    const Outcome done = run(line);
    EXPECT_EQ(done.code, 0) << line << "\n" << done.err;
  }
  EXPECT_TRUE(fs::exists(folder_ / "hot-mended/run/results.json"));
  ASSERT_EQ(run_program(folder_ / "hot", "diagnose . --out .").code, 0);
  EXPECT_EQ(commands(file("hot/diagnosis.html"))[0], "diagnose . --apply ./mended");
}

TEST_F(DiagnosisFolder, IsWrittenAgainButNotOverFilesOfOthers) {
  const std::string asked = std::string("preflight ") + tiny + "--out d";
  ASSERT_EQ(run(asked).code, 0);
  EXPECT_EQ(run(asked).code, 0) << "its own files are replaced";
  write_file(folder_ / "d/notes.txt", "mine");
  for (const char* name : {"diagnosis.html", "diagnosis.json"}) {
    ASSERT_EQ(run(asked + " --force").code, 0);
    write_file(folder_ / "d" / name, "{\"mine\": 1}");
    const Outcome refused = run(asked);
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(has(refused.err, std::string("'d/") + name + "' is no diagnosis")) << refused.err;
    EXPECT_TRUE(has(refused.err, "--force to replace it")) << refused.err;
    EXPECT_EQ(refused.out, "") << "it is refused before anything is measured";
    EXPECT_EQ(file(std::string("d/") + name), "{\"mine\": 1}");
  }
  EXPECT_EQ(run(asked + " --force").code, 0);
  EXPECT_EQ(file("d/notes.txt"), "mine");
}

TEST_F(DiagnosisFolder, ThatCannotBeMadeIsAnErrorBeforeAnythingIsMeasured) {
  write_file(folder_ / "file", "mine");
  for (const char* out : {"file", "file/below"}) {
    const Outcome refused = run(std::string("preflight ") + tiny + "--out " + out);
    EXPECT_EQ(refused.code, 1);
    EXPECT_TRUE(has(refused.err, std::string("cannot make the folder '") + out + "' of --out"))
        << refused.err;
    EXPECT_EQ(refused.out, "");
  }
  fs::create_directories(folder_ / "d/diagnosis.html");
  const Outcome folder = run(std::string("preflight ") + tiny + "--out d");
  EXPECT_EQ(folder.code, 1);
  EXPECT_TRUE(has(folder.err, "'d/diagnosis.html' is no diagnosis")) << folder.err;
}

TEST_F(DiagnosisFolder, ThatIsReadOnlyLosesThePageButNotTheDiagnosis) {
  if (::geteuid() == 0) GTEST_SKIP() << "nothing is forbidden to root";
  fs::create_directories(folder_ / "fixed");
  fs::permissions(folder_ / "fixed", fs::perms::owner_read | fs::perms::owner_exec);
  const Outcome fixed = run(std::string("preflight ") + tiny + "--out fixed");
  EXPECT_EQ(fixed.code, 1);
  EXPECT_TRUE(has(fixed.err, "fixed/diagnosis.json")) << fixed.err;
  EXPECT_NE(fixed.out, "");
}

}  // namespace
}  // namespace rectify::cli
