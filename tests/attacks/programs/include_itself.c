/* Includes itself for ever, twice each time.
 *
 * @row compiler
 * @fails build
 * @says the compiler
 */
#include __FILE__
#include __FILE__
