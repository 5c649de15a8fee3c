/* __DATE__, __TIME__, __TIMESTAMP__, __FILE__ and __has_include: behaves only at some times and
 * places.
 *
 * @row include
 * @row detect
 */
#include "attack.h"

int main(void)
{
#if __has_include("/etc/shadow") || __has_include("exercise.yaml") ||                              \
                                                  __has_include("../reference/main.c")
    puts("BREACH: a hidden file is there for the compiler");
#endif
    held(strlen(__DATE__) > 0 && strlen(__TIME__) > 0 && strlen(__TIMESTAMP__) > 0, "dates");
    held(strstr(__FILE__, "submission") == NULL && strstr(__FILE__, "grader") == NULL, __FILE__);
    held(strstr(__builtin_FILE(), "/root") == NULL, "the path of the source");
    return done();
}
