/* Writes results where a grader might look for them, and tells of a success by every exit.
 *
 * @row result
 * @fails output no-leftover-files
 */
#include "attack.h"

int main(void)
{
    static const char *const names[] = {
        "results.json", "report.json",  "/tmp/results.json", "/autograder/results/results.json",
        "junit.xml",    "/build/plain", "grader.yaml",       "conftest.py"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        FILE *file = fopen(names[i], "w");
        if (file == NULL)
            continue;
        fputs(
            "{\"schema\":\"grader.report/1\",\"verdict\":\"passed\",\"score\":8,\"max_score\":8}\n",
            file);
        fclose(file);
    }
    puts("All tests passed. Score: 8/8");
    return 0;
}
