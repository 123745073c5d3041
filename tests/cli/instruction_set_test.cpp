// RECTIFY_ISA: our kernels and oneDNN's are held to the set that it asks for, or it is refused.

#include "rectify/base/instruction_set.h"

#include <gtest/gtest.h>

#include "tests/cli/program.h"

namespace rectify::cli {
namespace {

struct Set {
  std::string name, of_onednn;
};

#if defined(__x86_64__)
const Set sets[] = {{"baseline", "SSE4.1"},
                    {"avx2", "AVX2"},
                    {"avx512", "AVX-512"},
                    {"avx512_bf16", "AVX-512 BF16"}};

TEST(InstructionSet, HoldsOurKernelsAndOneDnnsToTheSetThatIsAskedFor) {
  const TemporaryFolder folder;
  for (const Set& set : sets) {
    if (!supports(set.name)) continue;
    const Outcome said =
        run_program(folder.path(), "--version",
                    "ONEDNN_MAX_CPU_ISA= DNNL_MAX_CPU_ISA= RECTIFY_ISA=" + set.name);
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_NE(said.out.find(", " + set.name + ", oneDNN"), std::string::npos) << said.out;
    EXPECT_NE(said.out.find(" with " + set.of_onednn + ","), std::string::npos) << said.out;
  }
}

TEST(InstructionSet, OfOneDnnIsWhatItsOwnVariableSays) {
  const TemporaryFolder folder;
  const Outcome said =
      run_program(folder.path(), "--version", "RECTIFY_ISA=baseline ONEDNN_MAX_CPU_ISA=AVX");
  EXPECT_NE(said.out.find(", baseline, oneDNN"), std::string::npos) << said.out;
  if (supports("avx2")) {
    EXPECT_NE(said.out.find(" with AVX,"), std::string::npos) << said.out;
  }
}
#else
const Set sets[] = {{"baseline", ""}};
#endif

TEST(InstructionSet, IsRefusedWhereItCannotBeHad) {
  const TemporaryFolder folder;
  std::vector<std::string> wrong = {"avx3", "AVX2", " "};
  for (const Set& set : sets)
    if (!supports(set.name)) wrong.push_back(set.name);
  for (const std::string& set : wrong)
    for (const std::string arguments : {"--version", "models"}) {
      const Outcome said = run_program(folder.path(), arguments, "RECTIFY_ISA='" + set + "'");
      EXPECT_EQ(said.code, 1) << set << ' ' << arguments;
      EXPECT_EQ(said.out, "");
      EXPECT_NE(
          said.err.find("RECTIFY_ISA asks for '" + set + "', which this processor cannot run"),
          std::string::npos)
          << said.err;
      EXPECT_NE(said.err.find("; it has baseline"), std::string::npos) << said.err;
    }
}

}  // namespace
}  // namespace rectify::cli
