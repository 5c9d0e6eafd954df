#include "cli/command.h"

int main(int argc, char** argv) {
  weir::Console console = weir::Console::standard();
  return weir::CommandLine().run(argc, argv, console);
}
