/**
 * Who the operator is at Slack and by mail, as variables say it: `KORA_OPERATOR_SLACK_USER_ID`, and
 * `KORA_SLACK_JOSHUA_USER_ID`, as the predecessor named it; `KORA_OPERATOR_EMAIL`. They are looked at as what kora.json
 * says, so that the plugin's schema names what does not fit.
 */
export function operatorVariables(environment: Readonly<Record<string, string | undefined>>): unknown {
  const operatorUserId =
    environment['KORA_OPERATOR_SLACK_USER_ID'] ?? environment['KORA_SLACK_JOSHUA_USER_ID'];
  const operator = environment['KORA_OPERATOR_EMAIL'];
  const config = {
    ...(operatorUserId === undefined ? {} : { slack: { operatorUserId } }),
    ...(operator === undefined ? {} : { email: { operator } }),
  };
  return Object.keys(config).length === 0 ? {} : { plugins: { config } };
}
