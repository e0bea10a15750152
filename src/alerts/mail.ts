import { provenanceLines, type AlertItem, type AlertMessage } from './message.js';

/** What a mail says, as text and as HTML; `chips` are the detections whose pictures the HTML shows by `cid:`. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Name of a picture within a mail. */
export function contentId(detection: number): string {
  return `chip-${detection}@selenoscan`;
}

/** @param chips detections whose pictures are attached */
export function mailOf(message: AlertMessage, chips: ReadonlySet<number>): Mail {
  const more = message.more > 0 ? [`${message.more} more are not listed.`] : [];
  const end = [`Rule ${message.rule}.`, message.credit];
  const text = [message.title, ...message.items.map(itemText), ...more, end.join('\n')].join('\n\n');
  const html = [
    '<!doctype html><html><body style="font-family:sans-serif">',
    `<h2>${escape(message.title)}</h2>`,
    ...message.items.map((item) => itemHtml(item, chips.has(item.facts.id))),
    ...more.map((line) => `<p>${escape(line)}</p>`),
    `<p style="color:#555">${end.map(escape).join('<br>')}</p></body></html>`,
  ].join('\n');
  return { subject: message.title.replaceAll(/[\r\n]+/g, ' '), text, html };
}

function itemText(item: AlertItem): string {
  const { what, where, status, links } = item;
  return [
    what,
    where,
    ...(status === null ? [] : [status]),
    ...provenanceLines(item),
    `Review page: ${links.page}`,
    `Product: ${links.product}`,
    `Picture: ${links.chip}`,
  ].join('\n');
}

function itemHtml(item: AlertItem, hasChip: boolean): string {
  const { what, where, status, links, facts } = item;
  const lines = [where, ...(status === null ? [] : [status]), ...provenanceLines(item)].map(escape);
  const anchor = (url: string, text: string): string => `<a href="${escape(url)}">${text}</a>`;
  const picture = hasChip
    ? `<img src="cid:${contentId(facts.id)}" width="192" height="192" alt="Tile of the detection" style="image-rendering:pixelated"><br>`
    : '';
  return `<h3>${escape(what)}</h3>\n<p>${picture}${lines.join('<br>')}<br>${[
    anchor(links.page, 'Review page'),
    anchor(links.product, 'Product'),
    anchor(links.chip, 'Picture'),
  ].join(' · ')}</p>`;
}

function escape(text: string): string {
  const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replaceAll(/[&<>"]/g, (sign) => named[sign] ?? sign);
}
