-- What must always hold. Every row that one of these statements returns is a
-- violation: which promise is broken, and by what. Each statement is one check.
--
--   python -m zimgpt invariants        psql "$URL" -f zimgpt/store/invariants.sql
--
-- They may be run while the program works. Only what stands after "At rest" holds only
-- when nothing is under way and nothing waits.

-- ---- the ledger ----------------------------------------------------------------

select 'entries do not sum to zero', sum(amount)::text
  from entries having coalesce(sum(amount), 0) <> 0;

select 'transfer does not sum to zero', transfer_id::text
  from entries group by transfer_id having sum(amount) <> 0;

select 'transfer without entries', t.id::text
  from transfers t
 where not exists (select from entries e where e.transfer_id = t.id);

select 'transfer on the wrong accounts', t.id::text
  from transfers t
  join entries e on e.transfer_id = t.id
  join accounts a on a.id = e.account_id
 where a.kind <> all (case t.kind
         when 'purchase' then '{issued, available}'::text[]
         when 'clawback' then '{issued, adjust, available}'
         when 'reinstate' then '{issued, adjust, available}'
         when 'voucher' then '{issued, available}'
         when 'grant' then '{granted, available}'
         when 'reserve' then '{available, held}'
         when 'settle' then '{available, held, spent}'
         when 'voice' then '{available, spent}'
         when 'picture' then '{available, spent}'
         else '{available, held, issued, granted, spent, adjust}' end)
 group by t.id;

select 'transfer between two people', e.transfer_id::text
  from entries e join accounts a on a.id = e.account_id
 group by e.transfer_id having count(distinct a.user_id) > 1;

select 'balance is not the sum of its entries', a.id::text
  from accounts a left join entries e on e.account_id = a.id
 where a.user_id is not null
 group by a.id having a.balance <> coalesce(sum(e.amount), 0);

select 'account versions have a gap', a.id::text
  from accounts a left join entries e on e.account_id = a.id
 where a.user_id is not null
 group by a.id
having a.version <> count(e.*) or coalesce(max(e.version), 0) <> count(e.*);

-- Only what takes back the tokens of a payment whose money went back may be more than
-- there is.
select 'running balance is wrong', account_id::text
  from (select e.account_id, e.balance_after, e.amount, t.kind,
               sum(e.amount) over (partition by e.account_id order by e.version) as balance
          from entries e join transfers t on t.id = e.transfer_id
         where e.version is not null) e
 where balance <> balance_after
    or (balance_after < 0 and amount < 0 and kind <> 'clawback')
 group by account_id;

select 'balance below zero', a.id::text
  from accounts a
 where a.user_id is not null and a.balance < 0
   and (a.kind <> 'available'
        or not exists (select from payments p
                        where p.user_id = a.user_id and p.clawback_transfer is not null));

-- What people have, and what was spent, is what was issued, granted and adjusted.
select 'tokens are not conserved', people || ' ' || house
  from (select (select coalesce(sum(balance), 0) from accounts
                 where user_id is not null) as people,
               (select coalesce(sum(e.amount), 0)
                  from entries e join accounts a on a.id = e.account_id
                 where a.user_id is null) as house) sums
 where people + house <> 0;

select 'two welcome grants', min(t.idem_key)
  from transfers t where t.idem_key like 'welcome:%'
 group by t.idem_key having count(*) > 1
union all
select 'two welcome grants', a.user_id::text
  from transfers t
  join entries e on e.transfer_id = t.id
  join accounts a on a.id = e.account_id
 where t.idem_key like 'welcome:%' and a.user_id is not null
 group by a.user_id having count(*) > 1;

-- ---- holds ---------------------------------------------------------------------

select 'held balance is not the sum of open holds', a.user_id::text
  from accounts a
  left join reservations r on r.user_id = a.user_id and r.state = 'open'
 where a.kind = 'held'
 group by a.user_id, a.balance having a.balance <> coalesce(sum(r.amount), 0);

select 'open hold of an ended answer', r.answer_id::text
  from reservations r join answers a on a.id = r.answer_id
 where r.state = 'open' and a.finished_at is not null;

select 'open answer without an open hold', a.id::text
  from answers a left join reservations r on r.answer_id = a.id
 where a.finished_at is null and r.state is distinct from 'open';

select 'answered without a closed hold', a.id::text
  from answers a left join reservations r on r.answer_id = a.id
 where a.state in ('complete', 'interrupted')
   and (r.answer_id is null or r.state = 'open');

select 'hold open past its time', answer_id::text
  from reservations
 where state = 'open' and expires_at < now() - interval '60 s';

select 'charged above the hold', answer_id::text
  from reservations where settled > amount;

select 'hold of another person', r.answer_id::text
  from reservations r join answers a on a.id = r.answer_id
 where r.user_id <> a.user_id;

select 'hold without its transfers', r.answer_id::text
  from reservations r
 cross join generate_series(1, r.round) as n (round)
  left join transfers taken on taken.idem_key = hold_key('reserve', r.answer_id, n.round)
  left join transfers closed on closed.idem_key = hold_key('settle', r.answer_id, n.round)
 where (closed.id is null) <> (r.state = 'open' and n.round = r.round)
    or r.amount is distinct from (
         select sum(e.amount) from entries e join accounts a on a.id = e.account_id
          where e.transfer_id = taken.id and a.kind = 'held' and a.user_id = r.user_id)
    or case when n.round = r.round then coalesce(r.settled, 0) else 0 end is distinct from (
         select coalesce(sum(e.amount), 0)
           from entries e join accounts a on a.id = e.account_id
          where e.transfer_id = closed.id and a.kind = 'spent');

select 'attempt began after its hold was closed', a.id::text
  from answers a join reservations r on r.answer_id = a.id
 where a.epoch_at > r.closed_at;

select 'refund without its transfer', r.answer_id::text
  from reservations r
  left join transfers t on t.idem_key = 'refund:' || r.answer_id
  left join entries e on e.transfer_id = t.id and e.amount > 0
  left join accounts a on a.id = e.account_id and a.user_id = r.user_id
 where coalesce(r.refunded, 0) <> case when a.id is null then 0 else e.amount end;

select 'spent is not what holds were charged', spent || ' ' || settled
  from (select (select coalesce(sum(e.amount), 0)
                  from entries e join accounts a on a.id = e.account_id
                 where a.kind = 'spent') as spent,
               (select coalesce(sum(settled - coalesce(refunded, 0)), 0) from reservations
                 where state = 'settled')
               + (select coalesce(sum(tokens), 0) from readings
                   where not refunded) as settled) sums
 where spent <> settled;

select 'reading without its transfers', n.key
  from readings n
  left join transfers paid on paid.idem_key = format('%s:%s:%s', n.kind, n.key, n.round)
  left join transfers back on back.idem_key = format('%s-refund:%s:%s', n.kind, n.key, n.round)
 where (back.id is not null) <> n.refunded
    or n.tokens is distinct from (
         select -sum(e.amount) from entries e join accounts a on a.id = e.account_id
          where e.transfer_id = paid.id and a.kind = 'available' and a.user_id = n.user_id);

-- ---- payments ------------------------------------------------------------------

-- What the gateway itself called paid, of this payment and exactly what was agreed to.
select 'paid but not credited', p.id::text
  from payments p
 where p.credited_transfer is null
   and p.state not in ('disputed', 'refunded', 'review')
   and exists (select from payment_events e
                where e.payment_id = p.id and e.hash_ok and e.matched
                  and e.source in ('poll', 'trace', 'code')
                  and lower(e.status) in ('paid', 'awaiting delivery', 'delivered'));

select 'credited but not paid', p.id::text
  from payments p
 where p.credited_transfer is not null
   and not exists (select from payment_events e
                    where e.payment_id = p.id
                      and (e.source = 'operator'
                           or (e.hash_ok and e.matched
                               and e.source in ('poll', 'trace', 'code')
                               and lower(e.status) in ('paid', 'awaiting delivery', 'delivered'))));

select 'payment without its transfers', p.id::text
  from payments p
 cross join lateral (values
   (p.credited_transfer, 1, array['purchase:', 'manual:']),
   (p.clawback_transfer, -1, array['clawback:']),
   (p.reinstated_transfer, 1, array['reinstate:']),
   (p.reclaimed_transfer, -1, array['reclaim:'])) as v (transfer, sign, keys)
  left join transfers t on t.id = v.transfer
 where v.transfer is not null
   and (replace(t.idem_key, p.id::text, '') <> all (v.keys)
        or v.sign * p.tokens is distinct from (
             select sum(e.amount) from entries e join accounts a on a.id = e.account_id
              where e.transfer_id = v.transfer
                and ((a.kind = 'available' and a.user_id = p.user_id)
                     or (a.kind = 'adjust' and v.transfer <> p.credited_transfer))));

-- What an operator takes and what the gateway has taken back are counted once.
select 'more was taken than was credited', p.id::text
  from payments p
 where p.credited_transfer is not null
   and (select coalesce(sum(e.amount), 0)
          from entries e join accounts a on a.id = e.account_id
         where a.kind = 'available' and a.user_id = p.user_id
           and (e.transfer_id in (p.credited_transfer, p.clawback_transfer,
                                  p.reinstated_transfer, p.reclaimed_transfer)
                or e.transfer_id in (select c.transfer_id from payment_corrections c
                                      where c.payment_id = p.id))) < 0;

select 'correction without its transfer', c.transfer_id::text
  from payment_corrections c
  left join payments p on p.id = c.payment_id
  left join transfers t on t.id = c.transfer_id
 where t.kind is distinct from 'adjust'
    or c.tokens is distinct from (
         select sum(e.amount) from entries e join accounts a on a.id = e.account_id
          where e.transfer_id = c.transfer_id and a.kind = 'available' and a.user_id = p.user_id);

select 'transfer without its payment', t.id::text
  from transfers t
 where t.kind in ('purchase', 'clawback', 'reinstate')
   and not exists (select from payments p
                    where t.id in (p.credited_transfer, p.clawback_transfer,
                                   p.reinstated_transfer, p.reclaimed_transfer));

select 'taken back is not what the payment says', p.id::text
  from payments p
 where p.clawed <> (p.clawback_transfer is not null
                    and (p.reinstated_transfer is null or p.reclaimed_transfer is not null));

select 'payment is not of what was sold', p.id::text
  from payments p
  left join packages k on k.package = p.package and k.version = p.package_version
  left join rates r on r.version = p.rate_version
 where p.tokens is distinct from k.tokens
    or p.amount_minor is distinct from
       case when p.currency = 'USD' then k.cents else (k.cents * r.cents_per_dollar + 99) / 100 end;

select 'issued is not what was paid for', issued || ' ' || credited
  from (select (select coalesce(-sum(e.amount), 0)
                  from entries e join accounts a on a.id = e.account_id
                 where a.kind = 'issued') as issued,
               (select coalesce(sum(tokens * (
                         (credited_transfer is not null)::int - (clawback_transfer is not null)::int
                         + (reinstated_transfer is not null)::int - (reclaimed_transfer is not null)::int)), 0)
                  from payments)
               + (select coalesce(sum(b.tokens), 0) from vouchers v join voucher_batches b on b.batch = v.batch
                   where v.transfer_id is not null) as credited) sums
 where issued <> credited;

-- ---- questions, answers and their text -----------------------------------------

select 'answer in another person''s conversation', a.id::text
  from answers a join conversations c on c.id = a.conversation_id
 where c.user_id <> a.user_id;

select 'answer without its question', a.id::text
  from answers a left join questions q on q.answer_id = a.id and q.user_id = a.user_id
 where q.answer_id is null;

select 'replaced by what is no later answer there', a.id::text
  from answers a left join answers b on b.id = a.replaced_by
   and b.conversation_id = a.conversation_id and b.user_id = a.user_id
   and (b.created_at, b.id) > (a.created_at, a.id)
 where a.replaced_by is not null and b.id is null;

select 'replaced by what came to nothing', a.id::text
  from answers a join answers b on b.id = a.replaced_by
 where b.state in ('failed', 'refused');

select 'pieces are missing', a.id::text
  from answers a
  left join answer_chunks c on c.answer_id = a.id and c.epoch = a.epoch
 where a.ends is null
 group by a.id
having count(c.seq) <> a.last_seq or coalesce(max(c.seq), 0) <> a.last_seq
    or min(c.seq) <> 1;

select 'piece of no attempt', c.answer_id::text
  from answer_chunks c left join answers a on a.id = c.answer_id
 where a.id is null or c.epoch not between 1 and a.epoch
 group by c.answer_id;

select 'text is not its pieces', a.id::text
  from answers a
  left join (select answer_id, epoch, string_agg(text_part, '' order by seq) as text
               from answer_chunks group by answer_id, epoch) k
    on k.answer_id = a.id and k.epoch = a.epoch and a.finished_at is not null
 where a.text is distinct from k.text and a.ends is null;

-- An answer's pieces are dropped only together, and their ends say where they were.
select 'folded answer does not fit its pieces', a.id::text
  from answers a
 where a.ends is not null
   and (a.finished_at is null
        or cardinality(a.ends) <> a.last_seq
        or coalesce(a.ends[a.last_seq], 0) <> char_length(coalesce(a.text, ''))
        or a.ends <> array(select unnest(a.ends) as ending order by ending)
        or exists (select from answer_chunks c where c.answer_id = a.id));

select 'voucher and its tokens do not agree', coalesce(v.id, t.id)::text
  from vouchers v join voucher_batches b on b.batch = v.batch
  full join (select * from transfers where kind = 'voucher') t on t.id = v.transfer_id
 where v.id is null or (v.transfer_id is not null and (
         t.id is null or t.idem_key <> 'voucher:' || v.id
         or not exists (select from entries e join accounts a on a.id = e.account_id
                         where e.transfer_id = t.id and a.user_id = v.user_id and e.amount = b.tokens)));

select 'erased conversation has words', c.id::text
  from conversations c
 where c.erased_at is not null
   and (c.title <> '' or c.deleted_at is null
        or exists (select from answers a join questions q on q.answer_id = a.id
                    where a.conversation_id = c.id
                      and (a.text is not null or q.text <> '' or q.brief is not null))
        or exists (select from memories m where m.conversation_id = c.id)
        or exists (select from answers a join answer_chunks k on k.answer_id = a.id
                    where a.conversation_id = c.id));

-- ---- jobs ----------------------------------------------------------------------

select 'more attempts than allowed', id::text from jobs where attempts > max_attempts;

select 'answer and job do not end together', a.id::text
  from answers a left join jobs j on j.kind in ('essay', 'chat') and j.ref = a.id::text
 where j.id is null or (a.finished_at is null) <> (j.finished_at is null);

select 'attempt is not its job''s', a.id::text
  from answers a join jobs j on j.kind in ('essay', 'chat') and j.ref = a.id::text
 where a.epoch <> j.attempts;

-- ---- keys of programs ----------------------------------------------------------

select 'key has not counted its answers', k.id::text
  from api_keys k
 where k.taken <> (
         select coalesce(sum(case r.state when 'open' then r.amount else r.settled end), 0)
           from api_uses u join reservations r on r.answer_id = u.answer_id
          where u.key_id = k.id);

-- ---- At rest -------------------------------------------------------------------

select 'arrival without an outcome', id::text from inbox where outcome is null;

select 'outbox row not confirmed', id::text from outbox where confirmed_at is null;

select 'job not ended', id::text from jobs where state in ('queued', 'running');
