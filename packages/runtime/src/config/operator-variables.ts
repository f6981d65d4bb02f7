/**
 * Who the operator is at Slack, as variables say it: `KORA_OPERATOR_SLACK_USER_ID`, and `KORA_SLACK_JOSHUA_USER_ID`, as the
 * predecessor named it. It is looked at as what kora.json says, so that the plugin's schema names what does not fit.
 */
export function operatorVariables(environment: Readonly<Record<string, string | undefined>>): unknown {
  const operatorUserId =
    environment['KORA_OPERATOR_SLACK_USER_ID'] ?? environment['KORA_SLACK_JOSHUA_USER_ID'];
  return operatorUserId === undefined ? {} : { plugins: { config: { slack: { operatorUserId } } } };
}
