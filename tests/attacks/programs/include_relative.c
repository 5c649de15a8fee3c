/* Includes ../../exercise.yaml: compiler messages would quote what stands in it.
 *
 * @row include
 * @fails build
 * @says does not compile
 */
#include "../../exercise.yaml"

int main(void)
{
    return 0;
}
