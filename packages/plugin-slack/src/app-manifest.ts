/** What the app may do, and nothing that it does not use. */
export const botScopes = ['chat:write', 'files:write', 'im:history', 'im:write'] as const;
/** Of the token for sockets; Slack makes it apart from the manifest. */
export const appScopes = ['connections:write'] as const;

export interface AppManifestOptions {
  /** As people see it; at most 35 characters. */
  readonly name?: string;
  /** Where signed requests arrive. Left out, the app uses Socket Mode and needs no address. */
  readonly requestUrl?: string;
}

/** The app at Slack, as `https://api.slack.com/apps?new_app=1` takes it under "From a manifest". */
export function appManifest({
  name = 'Kora',
  requestUrl,
}: AppManifestOptions = {}): Readonly<Record<string, unknown>> {
  const address = requestUrl === undefined ? {} : { request_url: requestUrl };
  return {
    display_information: {
      name,
      description: 'Tells its operator what happens, answers, and asks before it acts.',
    },
    features: {
      app_home: {
        home_tab_enabled: false,
        messages_tab_enabled: true,
        messages_tab_read_only_enabled: false,
      },
      bot_user: { display_name: name, always_online: true },
    },
    oauth_config: { scopes: { bot: [...botScopes] } },
    settings: {
      event_subscriptions: { ...address, bot_events: ['message.im'] },
      interactivity: { is_enabled: true, ...address },
      org_deploy_enabled: false,
      socket_mode_enabled: requestUrl === undefined,
      token_rotation_enabled: false,
    },
  };
}
