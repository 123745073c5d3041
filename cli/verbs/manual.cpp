// rectify manual: the manual pages of the program and of each verb.

#include "cli/manual.h"

#include <filesystem>
#include <memory>

#include "cli/out_file.h"
#include "cli/verb.h"
#include "rectify/base/file.h"

namespace rectify::cli::ops {

namespace {

Action declare(Arguments args) {
  auto folder = std::make_shared<std::string>();
  args.option("--out", *folder, "Folder for the pages: rectify.1, rectify-train.1, ...")
      .type_name("DIR")
      .required();
  return [folder, args](Terminal& terminal) {
    make_folder(*folder);
    const Command program = describe(args.parent());
    for (const Command* command : flatten(program))
      write_file(std::filesystem::path(*folder) / (name_of(*command, "-") + ".1"),
                 manual_page(*command));
    terminal.say("wrote the manual into " + *folder);
    return exit_done;
  };
}

}  // namespace

std::span<const Verb> manual() {
  static const Verb all[] = {{"manual", "Writes the manual pages, for man(1)",
                              "rectify manual --out ~/.local/share/man/man1", declare}};
  return all;
}

}  // namespace rectify::cli::ops
