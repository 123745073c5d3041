// rectify completion: what a shell needs to complete the program's words.

#include "cli/completion.h"

#include <memory>

#include "cli/verb.h"

namespace rectify::cli::ops {

namespace {

Action declare(Arguments args) {
  auto shell = std::make_shared<std::string>();
  args.option("shell", *shell, "bash, zsh or fish").type_name("SHELL").required();
  return [shell, args](Terminal& terminal) {
    terminal.print(completion(describe(args.parent()), *shell));
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> completion() {
  static const Verb all[] = {{"completion", "Prints a script that completes rectify in a shell",
                              "rectify completion bash > "
                              "~/.local/share/bash-completion/completions/rectify",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
