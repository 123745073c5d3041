#include "cli/onnx_flags.h"

namespace rectify::cli {

void declare_onnx(Arguments args, onnx::ReadOptions& options) {
  args.option("--shape", options.shape,
              "Of an ONNX file: the extents of its input, in its order, such as 3x224x224; of "
              "several inputs NAME=EXTENTS,...")
      .type_name("EXTENTS");
  args.option("--output", options.output,
              "Of an ONNX file: the output that is the answer, where there are several")
      .type_name("NAME");
}

}  // namespace rectify::cli
