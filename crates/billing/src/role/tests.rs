use super::*;

/// The matrix as people read it: owner, admin, billing manager, member.
#[test]
fn the_table_says_who_may_what() {
    let rows = Action::ALL.map(|action| {
        let marks: String = Role::ALL.iter().map(|role| if allows(*role, action) { 'x' } else { '.' }).collect();
        (action, marks)
    });
    let expected = [
        (UseCredits, "xx.x"),
        (SeeOrganization, "xxxx"),
        (SeeUsageTotals, "xxxx"),
        (SeeUsageOfPeople, "xxx."),
        (SeeBilling, "xxx."),
        (ManageBilling, "xxx."),
        (Invite, "xxx."),
        (ManageMembers, "xx.."),
        (TransferOwnership, "x..."),
        (ManageOrganization, "xx.."),
        (ManagePolicies, "xx.."),
        (ManageByok, "xxx."),
        (ManageOwnKeys, "xx.x"),
        (ManageAllKeys, "xx.."),
        (SeeAudit, "xx.."),
    ];
    assert_eq!(rows, expected.map(|(action, marks)| (action, marks.to_owned())));
}

#[test]
fn nobody_gives_more_than_they_have() {
    let gives = |role: Role| Role::ALL.map(|other| role.may_grant(other));
    assert_eq!(gives(Owner), [true, true, true, true]);
    assert_eq!(gives(Admin), [false, true, true, true]);
    assert_eq!(gives(BillingManager), [false, false, true, true]);
    assert_eq!(gives(Member), [false; 4]);
    for action in Action::ALL {
        for (role, other) in Role::ALL.iter().flat_map(|role| Role::ALL.map(|other| (*role, other))) {
            // Inviting is how somebody gets a role: whoever may grant one that does more would be that one.
            let climbs = role.may_grant(other) && allows(other, action) && !allows(role, action);
            assert!(
                !climbs || role == BillingManager && other == Member,
                "{role} grants {other}, which may {action:?}"
            );
        }
    }
}

#[test]
fn a_key_changes_nobodys_rights() {
    let may: Vec<Action> = Action::ALL.into_iter().filter(|action| allows_key(*action)).collect();
    assert_eq!(may, [UseCredits, SeeOrganization, SeeUsageTotals, SeeUsageOfPeople, SeeBilling]);
}

#[test]
fn roles_are_written_as_they_are_read() {
    for role in Role::ALL {
        assert_eq!(role.to_string().parse(), Ok(role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.name());
    }
    assert_eq!(
        "Owner".parse::<Role>().unwrap_err().to_string(),
        "`Owner` is no role; roles are owner, admin, billing_manager and member"
    );
    assert_eq!(SeeBilling.who(), "owner or admin or billing manager");
}
