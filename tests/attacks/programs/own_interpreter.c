/* Brings an .interp section of its own, so that another program is started in place of the loader.
 *
 * @row compiler
 * @points 0..8
 * @fails-some build exit crash output
 */
#include "attack.h"

__attribute__((section(".interp"), used)) static const char loader[] = "/proc/1/exe";

int main(int argc, char *argv[])
{
    return answer(argc, argv);
}
