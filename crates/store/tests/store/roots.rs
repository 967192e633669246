//! Where journals end in the root of a day.

use store::{HeadRow, RootRow, Store};
use units::{Day, WalletId};

use crate::on_both;
use crate::world::*;

async fn keep(store: &Store, day: Day, heads: Vec<HeadRow>) {
    store.write(async move |tx| tx.insert_root_heads(day, &heads).await).await.unwrap();
}

async fn seal(store: &Store, day: Day, root: u8) -> RootRow {
    let row = RootRow { day, root: [root; 32], wallets: 2, made_at: at(90_000) };
    store.write(async move |tx| tx.insert_root(&row).await).await.unwrap()
}

fn ends(heads: &[HeadRow]) -> Vec<(WalletId, u64)> {
    heads.iter().map(|head| (head.wallet, head.seq)).collect()
}

on_both! {
    async fn only_journals_that_grew_get_a_row_and_all_are_leaves(world: World) {
        const DAY: i64 = 86_400;
        let store = world.open().await;
        let (first, second, third) =
            (world.wallet_with(&store, 10).await, world.wallet_with(&store, 10).await, world.wallet(&store).await);
        // The first one goes on: on the last microsecond but a second of the day, and on the next one.
        for (number, now) in [DAY - 1, DAY, DAY + 1].into_iter().enumerate() {
            let hold = world.hold();
            post(&store, first, at(now), place(hold, dollars(1))).await.unwrap();
            post(&store, first, at(now), settle(hold, &format!("0.{}", number + 1))).await.unwrap();
        }
        let (reader, today) = (store.reader(), at(0).day());
        let (heads, more) = reader.list_grown(today, None, 10).await.unwrap();
        assert_eq!((ends(&heads), more), (vec![(first, 2), (second, 1)], None));
        let transfer = reader.list_transfers(first, 1, 1).await.unwrap().pop().unwrap();
        assert_eq!(heads[0].hash, transfer.hash);
        let (page, more) = reader.list_grown(today, None, 1).await.unwrap();
        assert_eq!((ends(&page), more), (vec![(first, 2)], Some(first)));

        keep(&store, today, heads.clone()).await;
        assert_eq!(reader.list_grown(today, None, 10).await.unwrap().0, []);
        assert_eq!(seal(&store, today, 1).await.root, [1; 32]);
        // A second node comes late: nothing changes any more.
        assert_eq!(seal(&store, today, 2).await.root, [1; 32]);
        keep(&store, today, vec![HeadRow { wallet: third, ..heads[0] }]).await;
        assert_eq!(reader.list_root_heads(today, None, 10).await.unwrap(), heads);

        let (grown, _) = reader.list_grown(today.next(), None, 10).await.unwrap();
        assert_eq!(ends(&grown), [(first, 4)]);
        keep(&store, today.next(), grown).await;
        seal(&store, today.next(), 3).await;
        let leaves = reader.list_root_heads(today.next(), None, 10).await.unwrap();
        assert_eq!(ends(&leaves), [(first, 4), (second, 1)]);
        assert_eq!(ends(&reader.list_root_heads(today.next(), Some(first), 10).await.unwrap()), [(second, 1)]);

        let over = async |seq| reader.find_root_over(first, seq).await.unwrap().map(|(root, head)| (root.day, head));
        assert_eq!([over(2).await, over(3).await, over(5).await], [Some((today, 2)), Some((today.next(), 4)), None]);
        let days: Vec<Day> = reader.list_roots(None, 10).await.unwrap().iter().map(|root| root.day).collect();
        assert_eq!(days, [today.next(), today]);
        assert_eq!(reader.list_roots(Some(today.next()), 10).await.unwrap()[0].day, today);
        for sql in ["UPDATE daily_roots SET wallets = 9", "DELETE FROM root_heads"] {
            let refused = world.run(sql).await.unwrap_err();
            assert!(refused.contains("only appended"), "{refused}");
        }
        store.close().await;
    }
}
