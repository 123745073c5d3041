// rectify completion: what a shell needs to complete the program's words.

#include "cli/completion.h"

#include <memory>

#include "cli/verb.h"

namespace rectify::cli::ops {

namespace {

Action declare(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  app.add_option("shell", *shell, "bash, zsh or fish")->type_name("SHELL")->required();
  return [shell, &app](Terminal& terminal) {
    terminal.print(completion(describe(*app.get_parent()), *shell));
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
