/* Parentheses and blocks nested so deep that a recursive compiler runs out of stack.
 *
 * @row compiler
 * @fails build
 */
#define P0(x) ((((((((((x))))))))))
#define P1(x) P0(P0(P0(P0(P0(P0(P0(P0(P0(P0(x))))))))))
#define P2(x) P1(P1(P1(P1(P1(P1(P1(P1(P1(P1(x))))))))))
#define Q0(x) P2(P2(P2(P2(P2(P2(P2(P2(P2(P2(x))))))))))
#define Q1(x) Q0(P1(Q0(P1(Q0(P1(Q0(P1(Q0(P1(Q0(x)))))))))))
#define S0 -~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~-~
#define S1 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0 S0
#define S2 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1 S1
#define S3 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2 S2

int main(void)
{
    return S3 Q1(0);
}
