/* Pragmas and attributes that change how it is built: optimisation, targets, poison, a plugin by
 * name.
 *
 * @row compiler
 * @right
 */
#pragma GCC plugin "/tmp/evil.so"
#pragma GCC target("sse2")
#pragma GCC diagnostic ignored "-Wall"
#include "attack.h"
#pragma GCC poison system

int main(int argc, char *argv[])
{
    return answer(argc, argv);
}
