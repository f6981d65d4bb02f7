import { relative } from 'node:path';
import type { CheckAnswer } from '@kora/testkit/bench';
import { ownVersion } from '../version.ts';

const schema = 'https://json.schemastore.org/sarif-2.1.0.json';
const help = 'https://github.com/kora-runtime/kora/blob/main/docs/plugins.md#check';

/** The findings as SARIF 2.1.0, which code hosts show beside the lines of a change. */
export function sarifOf({ directory, findings }: CheckAnswer): object {
  const rules = [...new Set(findings.map(({ id }) => id))];
  const root = relative(process.cwd(), directory);
  return {
    $schema: schema,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kora plugin check',
            version: ownVersion(),
            informationUri: help,
            rules: rules.map((id) => ({ id, shortDescription: { text: id }, helpUri: help })),
          },
        },
        results: findings.map(({ id, severity, message, path, hint }) => ({
          ruleId: id,
          ruleIndex: rules.indexOf(id),
          level: severity,
          message: { text: hint === null ? message : `${message}. ${hint}` },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: [root, path].filter((part) => part !== '').join('/') },
                region: { startLine: 1 },
              },
            },
          ],
        })),
      },
    ],
  };
}
