//! Refunds, disputes, corrections, moves and adjustments, from the verb to the books.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use billing::{Catalog, PriceBook};
use ledger::{DisputeState, LateSettle, Source};
use operations::charge::{CorrectCharge, correct};
use operations::dispute::{CloseDispute, OpenDispute, close, open};
use operations::grant::{AdjustWallet, Expiry, IssueGrant, MoveCredits, adjust, issue, move_credits};
use operations::hold::{PlaceHold, SettleHold, place, settle};
use operations::refund::{ReserveRefund, finish, reserve};
use operations::user::{SignUp, sign_up};
use operations::{Context, Error, Ids, Services};
use store::{Database, Store};
use units::{Amount, DisputeId, GrantId, HoldId, Instant, RefundId, Seconds, WalletId};
use uuid::Uuid;

struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

struct World {
    services: Services,
    ctx: Context,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Database::Sqlite(folder.path().join("tare.db"))).await.unwrap();
        let mut catalog = Catalog::embedded();
        catalog.welcome.amount = Amount::ZERO;
        let services = Services::new(store, catalog, PriceBook::embedded());
        let now: Instant = "2028-02-29T23:59:59Z".parse().unwrap();
        Self { services, ctx: Context { now, ids: Arc::new(Counting(AtomicU64::new(1))) }, _folder: folder }
    }

    async fn wallet(&self) -> WalletId {
        let person = SignUp { name: format!("{}@example.com", self.ctx.ids.uuid().simple()), country: None };
        sign_up(&self.services, &self.ctx, person).await.unwrap().wallet
    }

    async fn purchase(&self, wallet: WalletId, dollars: i64) -> GrantId {
        let grant = IssueGrant {
            wallet,
            source: Source::Purchase,
            amount: Amount::from_dollars(dollars),
            paid: true,
            expires: Expiry::Never,
            key: None,
        };
        issue(&self.services, &self.ctx, grant).await.unwrap().grant
    }

    async fn spend(&self, wallet: WalletId, dollars: i64) -> HoldId {
        let (hold, wanted) = (HoldId::from_uuid(self.ctx.ids.uuid()), Amount::from_dollars(dollars));
        let lease = Seconds(60);
        let request =
            PlaceHold { wallet, hold, wanted, least: wanted, lease, is_fresh: true, spender: Default::default() };
        place(&self.services, &self.ctx, request).await.unwrap();
        let request = SettleHold { wallet, hold, cost: wanted.into(), usage: None, late: LateSettle::Refuse };
        settle(&self.services, &self.ctx, request).await.unwrap();
        hold
    }

    async fn available(&self, wallet: WalletId) -> Amount {
        self.services.store.reader().load_wallet(wallet).await.unwrap().unwrap().available(self.ctx.now)
    }
}

fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> &'static str {
    answer.unwrap_err().code()
}

#[tokio::test]
async fn a_refund_is_reserved_paid_and_told_twice() {
    let world = World::new().await;
    let (services, ctx, wallet) = (&world.services, &world.ctx, world.wallet().await);
    let grant = world.purchase(wallet, 10).await;
    world.spend(wallet, 4).await;
    let refund = RefundId::from_uuid(ctx.ids.uuid());
    let request = |dollars| ReserveRefund { wallet, refund, grant, amount: Amount::from_dollars(dollars) };
    assert_eq!(code(reserve(services, ctx, request(7)).await), "refund_too_large");
    let reserved = reserve(services, ctx, request(6)).await.unwrap();
    assert_eq!(reserve(services, ctx, request(6)).await.unwrap(), reserved);
    let paid = finish(services, ctx, wallet, refund, true).await.unwrap();
    assert_eq!((paid.paid, paid.available), (Amount::from_dollars(6), Amount::ZERO));
    assert_eq!(finish(services, ctx, wallet, refund, true).await.unwrap(), paid);
    // The card does not take it: the credits are there again, and stay.
    let back = finish(services, ctx, wallet, refund, false).await.unwrap();
    assert_eq!((back.paid, back.available), (Amount::ZERO, Amount::from_dollars(6)));
    assert_eq!(finish(services, ctx, wallet, refund, false).await.unwrap(), back);
    assert_eq!(code(finish(services, ctx, wallet, refund, true).await), "refund_closed");
}

#[tokio::test]
async fn a_dispute_is_opened_and_closed_once() {
    let world = World::new().await;
    let (services, ctx, wallet) = (&world.services, &world.ctx, world.wallet().await);
    let grant = world.purchase(wallet, 10).await;
    world.spend(wallet, 4).await;
    let dispute = DisputeId::from_uuid(ctx.ids.uuid());
    let opened = open(services, ctx, OpenDispute { wallet, dispute, grant }).await.unwrap();
    assert_eq!((opened.frozen, opened.available), (Amount::from_dollars(6), Amount::ZERO));
    let ended = |is_won| CloseDispute { wallet, dispute, grant, is_won };
    let lost = close(services, ctx, ended(false)).await.unwrap();
    assert_eq!((lost.state, lost.receivable), (DisputeState::Lost, Amount::from_dollars(4)));
    assert_eq!(close(services, ctx, ended(false)).await.unwrap(), lost);
    assert_eq!(code(close(services, ctx, ended(true)).await), "dispute_closed");
    world.purchase(wallet, 5).await;
    assert_eq!(world.available(wallet).await, Amount::from_dollars(1));
}

#[tokio::test]
async fn a_correction_needs_a_reason_and_happens_once() {
    let world = World::new().await;
    let (services, ctx, wallet) = (&world.services, &world.ctx, world.wallet().await);
    world.purchase(wallet, 10).await;
    let charge = world.spend(wallet, 4).await;
    let request = |dollars, reason: &str| CorrectCharge {
        wallet,
        charge,
        amount: Amount::from_dollars(dollars),
        reason: reason.to_owned(),
        key: Some("one".to_owned()),
    };
    assert_eq!(code(correct(services, ctx, request(3, " ")).await), "invalid_field");
    let corrected = correct(services, ctx, request(3, "counted twice")).await.unwrap();
    assert_eq!(correct(services, ctx, request(3, "counted twice")).await.unwrap(), corrected);
    assert_eq!(world.available(wallet).await, Amount::from_dollars(9));

    let conflict = correct(services, ctx, request(1, "counted twice")).await.unwrap_err();
    let (code, told) = (conflict.code(), conflict.to_string());
    assert_eq!(code, "idempotency_conflict");
    // Both requests can be found by their hashes; what they said stays with them.
    let hashes = told.split(|letter: char| !letter.is_ascii_hexdigit()).filter(|word| word.len() == 16);
    assert_eq!(hashes.count(), 2, "{told}");
    assert!(!told.contains("counted"), "{told}");
}

#[tokio::test]
async fn credits_move_once_and_only_to_a_wallet_that_is_there() {
    let world = World::new().await;
    let (services, ctx, from, to) = (&world.services, &world.ctx, world.wallet().await, world.wallet().await);
    world.purchase(from, 10).await;
    let request = |to| MoveCredits { from, to, amount: Amount::from_dollars(7), key: Some("budget".to_owned()) };
    let nobody = WalletId::from_uuid(ctx.ids.uuid());
    assert_eq!(code(move_credits(services, ctx, request(nobody)).await), "not_found");
    let moved = move_credits(services, ctx, request(to)).await.unwrap();
    assert_eq!(move_credits(services, ctx, request(to)).await.unwrap(), moved);
    assert_eq!(world.available(from).await, Amount::from_dollars(3));
    assert_eq!(world.available(to).await, Amount::from_dollars(7));
}

#[tokio::test]
async fn an_adjustment_has_a_cap_either_way() {
    let world = World::new().await;
    let (services, ctx, wallet) = (&world.services, &world.ctx, world.wallet().await);
    let request = |amount| AdjustWallet { wallet, amount, reason: "a slip".to_owned(), key: None };
    let most = services.catalog.current().limits.adjustment;
    let one_more = most.checked_add(Amount::from_nanos(1)).unwrap();
    assert_eq!(code(adjust(services, ctx, request(one_more)).await), "amount_out_of_range");
    assert_eq!(code(adjust(services, ctx, request(one_more.negated().unwrap())).await), "amount_out_of_range");
    assert_eq!(code(adjust(services, ctx, request(Amount::from_nanos(i64::MIN))).await), "amount_out_of_range");
    adjust(services, ctx, request(most)).await.unwrap();
    adjust(services, ctx, request(most.negated().unwrap())).await.unwrap();
    assert_eq!(world.available(wallet).await, Amount::ZERO);
}
