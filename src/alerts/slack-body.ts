import { provenanceLines, type AlertItem, type AlertMessage } from './message.js';

/** Slack takes 50 blocks, and 3000 characters in each; compatible servers show `text`. */
const MOST_ITEMS = 20;

/** Message for an incoming webhook of Slack, or of a server that takes the same (Mattermost, Rocket.Chat …). */
export function slackBody(message: AlertMessage): string {
  const shown = message.items.slice(0, MOST_ITEMS);
  const more = message.more + message.items.length - shown.length;
  const tail = [
    ...(more > 0 ? [`${more} more are not listed.`] : []),
    `Rule ${message.rule}. ${message.credit}`,
  ];
  return JSON.stringify({
    text: escape([message.title, ...shown.map(({ where }) => where)].join('\n')),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: message.title.slice(0, 150) } },
      ...shown.map(section),
      { type: 'context', elements: [{ type: 'mrkdwn', text: escape(tail.join(' ')) }] },
    ],
  });
}

function section(item: AlertItem): unknown {
  const { links } = item;
  const lines = [
    `*${escape(item.what)}*`,
    escape(item.where),
    ...(item.status === null ? [] : [escape(item.status)]),
    ...provenanceLines(item).map(escape),
    [link(links.page, 'Review page'), link(links.product, 'Product'), link(links.chip, 'Picture')].join(
      ' · ',
    ),
  ];
  return { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n').slice(0, 3000) } };
}

/** Slack's own three; anything else stays as it is. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function link(url: string, text: string): string {
  return `<${escape(url).replaceAll('|', '%7C')}|${text}>`;
}
