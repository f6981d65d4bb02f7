import { fault } from './fault/index.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';

type DaemonAnswers = Pick<House, 'daemons' | 'daemon' | 'restartDaemon'>;

export function daemonAnswers({ coordinator }: Rooms): DaemonAnswers {
  const rows = (): shape.DaemonRow[] =>
    coordinator
      .list()
      .map((daemon) => ({ ...daemon, dependsOn: [...daemon.dependsOn], tasks: [...daemon.tasks] }));
  return {
    daemons: rows,
    daemon: (name) => {
      const found = rows().find((row) => row.name === name);
      if (found !== undefined) return found;
      throw fault('KORA_DAEMON_UNKNOWN', `there is no daemon ${name}`, { fix: 'kora daemon list' });
    },
    restartDaemon: async (name, reason) => {
      await coordinator.restart(name, reason);
      return { accepted: true, eventSeq: null };
    },
  };
}
